import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { alertsRow } from './fleet/alerts.ts'
import { blindnessRow } from './fleet/blindness.ts'
import { nowRow } from './fleet/now.ts'
import { pipelineRow } from './fleet/pipeline.ts'
import { placesRow } from './fleet/places.ts'
import { snmpRow } from './fleet/snmp.ts'
import { trendsRow } from './fleet/trends.ts'
import { page } from './links.ts'
import { fleetVariables, pageVariable } from './variables.ts'

/**
 * The dashboard of a monitoring room: what is down, where, since when, and whether the monitoring can be
 * believed. In the classic schema, which Grafana reads from files and imports.
 */
export function fleet(): Dashboard {
  const builder = new DashboardBuilder('Fleet')
    .uid('wardline-fleet')
    .description('Status of all devices, and of wardline itself')
    .tags(['wardline'])
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...fleetVariables(), pageVariable()])
    .link(page())
  for (const { title, panels } of [
    nowRow(),
    placesRow(),
    trendsRow(),
    alertsRow(),
    snmpRow(),
    blindnessRow(),
    pipelineRow(),
  ]) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(panel)
  }
  const dashboard = builder.build()
  // Links to one panel (`viewPanel=3`) need ids that are the same after each generation.
  dashboard.panels?.forEach((panel, index) => (panel.id = index + 1))
  return dashboard
}
