import { humanizeDuration } from '../../lib/duration.ts'
import { type Device, identityLabels } from '../../lib/inventory.ts'
import { isStale } from '../../lib/status.ts'
import type { Fleet } from '../availability/watch.ts'
import type { EvaluationContext, Result, RuleGroup } from '../rule.ts'
import { deviceLink, deviceName } from './text.ts'

/** Outages and late monitoring, from the states that the availability watch keeps. */
export function availabilityRules(intervalMs: number): RuleGroup {
  return {
    name: 'availability',
    file: '',
    intervalMs,
    rules: [
      {
        alert: 'DeviceDown',
        severity: 'critical',
        expr: devicesDown,
        annotations: {
          summary: (context) => `${deviceName(context)} is down`,
          description: (context) =>
            `No answer to ping since ${new Date(context.activeAt).toISOString()}` +
            ` (${humanizeDuration(context.at - context.activeAt)}); address ${context.device?.address ?? 'unknown'}`,
          down_since: ({ activeAt }) => new Date(activeAt).toISOString(),
          device_name: (context) => deviceName(context),
          address: ({ device }) => device?.address ?? '',
          link: deviceLink,
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
    ],
  }
}

/**
 * A device that is down; one that is unreachable behind a parent that is down isn't told of. What was told stays until
 * the device is up: neither a parent's outage nor missing samples end it.
 */
function devicesDown({ fleet, firing, at }: EvaluationContext): Result[] {
  const results: Result[] = []
  for (const device of fleet.inventory.values()) {
    const state = fleet.evidence(device.id)?.state
    if (!device.enabled || state === undefined || state === null || state.up) continue
    const told = firing.has(device.id)
    if (!told && fleet.statuses.get(device.id) !== 'down') continue
    if (
      !told &&
      device.parents.some((parent) => isUndecided(fleet, parent, device, state.since, at))
    )
      continue
    results.push({
      labels: identityLabels(device),
      value: state.since / 1000,
      at: state.since,
      since: state.since,
    })
  }
  return results
}

/** A device that lay behind a parent gets this long to answer once the parent does. */
const AFTER_PARENT_MS = 3_000

/** The verdict on a parent is waited for this long beyond its probe. */
const VERDICT_MS = 5_000

/**
 * Whether a parent may yet turn out to be the cause: it has failed probes that aren't confirmed, it has just come back
 * and the device wasn't probed since, or the probe that asks it for this outage is still under way.
 */
function isUndecided(
  fleet: Fleet,
  parentId: string,
  device: Device,
  since: number,
  at: number,
): boolean {
  const parent = fleet.inventory.get(parentId)
  if (parent === undefined || !parent.enabled) return false
  if (fleet.isSuspect(parentId)) return true
  const { state, lastSampleAt } = fleet.evidence(parentId) ?? { state: null, lastSampleAt: null }
  const probedAt = fleet.evidence(device.id)?.lastSampleAt ?? 0
  if (state?.up === true && probedAt < state.since + AFTER_PARENT_MS) return true
  const verdictBy = since + 2 * probeMs(device) + probeMs(parent) + VERDICT_MS
  return state?.up !== false && (lastSampleAt ?? 0) < since && at < verdictBy
}

/** How long a probe without an answer takes, at most. */
const probeMs = ({ ping }: Device): number => ping.count * ping.timeoutMs + 1_000

/** A sample is stored this long after its stamp; 2 s more would make it more than 2 intervals of 10 s (A3). */
const PROBE_MS = 3_000

/** Fires when nothing arrived for 1.5 intervals and 3 s, or a tenth of the fleet has no fresh sample. */
function monitoringLate({ fleet, at, firing }: EvaluationContext): Result[] {
  const enabled = [...fleet.inventory.values()].filter((device) => device.enabled)
  if (enabled.length === 0) return []
  // Before this process began to look, nobody can say that something is late; what was told goes on over a restart.
  const lookedSince = (id: string): number => (firing.size > 0 ? 0 : fleet.watchedSince(id))
  const late = enabled.filter((device) => {
    const newestAt = fleet.evidence(device.id)?.lastSampleAt ?? 0
    return isStale(device, Math.max(newestAt, lookedSince(device.id)), at)
  })
  const shortest = Math.min(...enabled.map((device) => device.ping.intervalMs))
  const awaitedSince = Math.min(...enabled.map(({ id }) => lookedSince(id)))
  const silent = at - Math.max(fleet.newestAt ?? 0, awaitedSince) > 1.5 * shortest + PROBE_MS
  if (!silent && late.length < Math.max(1, enabled.length / 10)) return []
  return [{ labels: {}, value: silent ? enabled.length : late.length, at }]
}
