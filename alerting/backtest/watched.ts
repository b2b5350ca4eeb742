import type { Inventory } from '../../lib/inventory.ts'
import { STALE_INTERVALS, snmpStaysMs } from '../../lib/status.ts'
import { UPLINK_STATUSES } from '../../lib/uplink/readings.ts'
import type { RuleGroup } from '../rule.ts'

/**
 * Rules of code may read far more than what they find: the state of every uplink at every turn. These expressions give
 * another result, in series or values, whenever such a group may say something else; it is evaluated then alone. Null
 * for groups whose own queries tell.
 */
export function watchedExpressions(group: RuleGroup, inventory: Inventory): string[] | null {
  return group.file === '' && group.name === 'uplinks' ? uplinkExpressions(inventory) : null
}

const SLACK_MS = 5_000

/** States that aren't up, polls that failed, and whatever is too old to count, by each interval in use. */
function uplinkExpressions(inventory: Inventory): string[] {
  const intervals = new Set<number>()
  for (const { enabled, snmp } of inventory.values())
    if (enabled && snmp !== null) intervals.add(snmp.intervalMs)
  if (intervals.size === 0) return []
  const window = `${Math.ceil(snmpStaysMs(Math.max(...intervals), false)) + SLACK_MS}ms`
  const old = (series: string, intervalMs: number): string =>
    `time() - max by (device) (tlast_over_time(${series}[${window}])) > ${(STALE_INTERVALS * intervalMs) / 1000}`
  return [
    `last_over_time(${UPLINK_STATUSES}[${window}]) != 1`,
    `count(last_over_time(${UPLINK_STATUSES}[${window}]))`,
    `max by (device) (last_over_time(snmp_up[${window}])) == 0`,
    `count(last_over_time(snmp_up[${window}]))`,
    // Older or newer than a limit: the age itself is another one each time.
    ...[...intervals].flatMap((ms) => [
      `(${old('ifOperStatus{uplink!=""}', ms)}) > bool 0`,
      `(${old('snmp_up', ms)}) > bool 0`,
    ]),
  ]
}
