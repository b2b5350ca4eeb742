import { type FlappingConfig, flappingSchema } from '../../lib/config/flapping.ts'
import { humanizeDuration } from '../../lib/duration.ts'
import { isStale, lastHeardAt } from '../../lib/status.ts'
import type { Thresholds } from '../availability/flapping.ts'
import { createOutages } from '../availability/outages.ts'
import { canaryRule } from '../canary/rule.ts'
import type { EvaluationContext, Result, RuleGroup } from '../rule.ts'
import { branchesOf, countOf, sentenceOf } from './radius-text.ts'
import { deviceLink, deviceName } from './text.ts'

/** Outages, flapping and late monitoring, from the states that the availability watch keeps. */
export function availabilityRules(
  intervalMs: number,
  flapping: FlappingConfig = flappingSchema.parse({}),
): RuleGroup {
  const outages = createOutages(({ role }): Thresholds => flapping.roles[role] ?? flapping)
  const behind = (id = ''): number => outages.radius(id).unreachable.length
  return {
    name: 'availability',
    file: '',
    intervalMs,
    // In this order: what flaps isn't told as down, and what either rule holds back is recorded.
    rules: [
      {
        alert: 'DeviceFlapping',
        severity: 'warning',
        expr: devicesFlapping,
        annotations: {
          summary: (context) => `${deviceName(context)} is flapping`,
          description: ({ value }) =>
            `It goes down and comes back again and again: ${Math.round(value)} % on a scale on which 10 changes` +
            ' in 5 minutes are 100 %',
          score: ({ value }) => String(Math.round(value)),
          device_name: deviceName,
          address: ({ device }) => device?.address ?? '',
          link: deviceLink,
        },
      },
      {
        alert: 'DeviceDown',
        severity: 'critical',
        expr: devicesDown,
        annotations: {
          summary(context) {
            const count = behind(context.labels['device'])
            const also = count === 0 ? '' : `, ${countOf(count)} unreachable behind it`
            return `${deviceName(context)} is down${also}`
          },
          description(context) {
            const radius = outages.radius(context.labels['device'] ?? '')
            const own =
              `No answer to ping since ${new Date(context.activeAt).toISOString()}` +
              ` (${humanizeDuration(context.at - context.activeAt)}); address ${context.device?.address ?? 'unknown'}`
            return [own, sentenceOf(radius, deviceName(context))].filter(Boolean).join('. ')
          },
          down_since: ({ activeAt }) => new Date(activeAt).toISOString(),
          device_name: deviceName,
          address: ({ device }) => device?.address ?? '',
          link: deviceLink,
          unreachable: ({ labels }) => String(behind(labels['device'])),
          unreachable_confirmed: ({ labels }) =>
            String(outages.radius(labels['device'] ?? '').confirmed),
          unreachable_branches: ({ labels }) => branchesOf(outages.radius(labels['device'] ?? '')),
        },
        revision: ({ labels }) => String(behind(labels['device'])),
      },
      {
        alert: 'MonitoringBlind',
        severity: 'critical',
        expr: monitoringBlind,
        annotations: {
          summary: ({ labels, value }) =>
            `Monitoring is blind: collector ${labels['vantage'] ?? ''} sees nothing, ${countOf(value)} unknown`,
          description: ({ labels, value, activeAt }) =>
            `Collector ${labels['vantage'] ?? ''} sees none of its canaries since ${new Date(activeAt).toISOString()}, and most` +
            ` devices fell silent at once: it has lost its network. Of ${countOf(value)} nothing is known until it is back;` +
            ' what was told of them before stays.',
        },
      },
      {
        alert: 'MonitoringLate',
        severity: 'critical',
        expr: monitoringLate,
        annotations: {
          summary: () => 'Monitoring is late: states of devices are not known',
          description: ({ value }) =>
            `${value} devices have no fresh ping sample: is the collector running, can it reach VictoriaMetrics?`,
        },
      },
      { record: 'wardline_alert_held', expr: alertsHeld },
      { record: 'device_flapping_score', expr: flappingScores },
      canaryRule,
    ],
  }

  // Named, because that is how a rule of code shows.
  function devicesFlapping(context: EvaluationContext): Result[] {
    return outages.flapping(context)
  }
  function devicesDown(context: EvaluationContext): Result[] {
    return outages.down(context)
  }
  function alertsHeld(context: EvaluationContext): Result[] {
    return outages.held(context)
  }
  function flappingScores(context: EvaluationContext): Result[] {
    return outages.scores(context)
  }
}

/** At once: while it lasts, nobody is told of anything else. */
const monitoringBlind = ({ fleet }: EvaluationContext): Result[] =>
  fleet.blind.map(({ vantage, since, devices }) => ({
    labels: { vantage },
    value: devices,
    at: since,
    since,
  }))

/** A sample is stored this long after its stamp; 2 s more would make it more than 2 intervals of 10 s (A3). */
const PROBE_MS = 3_000

/** Fires when nothing arrived for 1.5 intervals and 3 s, or a tenth of the fleet has no fresh sample. */
function monitoringLate({ fleet, at, firing }: EvaluationContext): Result[] {
  const enabled = [...fleet.inventory.values()].filter((device) => device.enabled)
  if (enabled.length === 0) return []
  // Before this process began to look, nobody can say that something is late; what was told goes on over a restart.
  const lookedSince = (id: string): number => (firing.size > 0 ? 0 : fleet.watchedSince(id))
  const late = enabled.filter((device) => {
    const evidence = fleet.evidence(device.id)
    if (evidence?.isBlind === true) return false // told already, with the reason
    const newestAt = (evidence && lastHeardAt(evidence)) ?? 0
    return isStale(device, Math.max(newestAt, lookedSince(device.id)), at)
  })
  const shortest = Math.min(...enabled.map((device) => device.ping.intervalMs))
  const awaitedSince = Math.min(...enabled.map(({ id }) => lookedSince(id)))
  const silent = at - Math.max(fleet.newestAt ?? 0, awaitedSince) > 1.5 * shortest + PROBE_MS
  if (!silent && late.length < Math.max(1, enabled.length / 10)) return []
  return [{ labels: {}, value: silent ? enabled.length : late.length, at }]
}
