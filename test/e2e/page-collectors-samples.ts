import type { Sample } from '../../lib/line-protocol.ts'
import { evaluated, slot } from '../integration/api/stand.ts'
import { identityLabels } from '../../lib/inventory.ts'
import { gori } from './page-device-fleet.ts'

/** Three collectors as they report themselves now: one as it should be, one that stands still, one that is blind. */
export function collectorsNow(): Sample[] {
  const at = slot()
  return [
    evaluated(),
    ...collector('dc-1', at, { missed: 0, lag: 0.004, stored: 0.9998, succeededAt: at }),
    ...collector('dc-2', at, { missed: 1_204, lag: 12, stored: 0.42, succeededAt: at - 240_000 }),
    ...collector('dc-3', at, { missed: 0, lag: 0.01, stored: 1, succeededAt: at }),
    {
      measurement: '',
      labels: { vantage: 'dc-3' },
      fields: {
        wardline_vantage_blind: 1,
        wardline_vantage_blind_since_seconds: (at - 90_000) / 1000,
      },
      at,
    },
    {
      measurement: 'snmp',
      labels: identityLabels(gori),
      fields: { up: 1, poll_seconds: 1.5, pdus: 31, errors: 2 },
      at,
    },
    {
      measurement: '',
      labels: { device: gori.id, instance: 'dc-1' },
      fields: { wardline_snmp_poll_seconds: 1.5 },
      at,
    },
  ]
}

type Figures = { missed: number; lag: number; stored: number; succeededAt: number }

function collector(instance: string, at: number, figures: Figures): Sample[] {
  const own = (fields: Readonly<Record<string, number>>, labels = {}): Sample => ({
    measurement: '',
    labels: { ...labels, instance },
    fields,
    at,
  })
  return [
    own({ wardline_build_info: 1 }, { component: 'collector', version: '1.2.3' }),
    own({ wardline_collector_targets: 6 }, { kind: 'ping' }),
    own({ wardline_collector_targets: 1 }, { kind: 'snmp' }),
    own({ wardline_slots_missed_total: figures.missed }, { kind: 'ping' }),
    own({ wardline_slot_lag_seconds: figures.lag }, { kind: 'ping' }),
    own({ wardline_samples_stored_ratio: figures.stored }, { vantage: instance }),
    own({ wardline_writer_buffer_bytes: 4_096 }),
    own(
      { wardline_loop_last_success_timestamp_seconds: figures.succeededAt / 1000 },
      { loop: 'ping' },
    ),
  ]
}
