import { MOST_SNMP_REST_MS } from '../../lib/status.ts'
import type { RuleGroup } from '../rule.ts'
import { IS_UP, unchangedFor } from './conditions.ts'
import { overProbes } from './interval.ts'
import { deviceName } from './text.ts'

/** SNMP that fails while ping is fine: another fact, another alert (E5). */
export function snmpRules(intervalMs: number): RuleGroup {
  return {
    name: 'snmp',
    file: '',
    intervalMs,
    rules: [
      {
        alert: 'SnmpFailing',
        severity: 'warning',
        expr: overProbes(({ snmp }) => snmp?.intervalMs, failing, lastThreeMs),
        annotations: {
          summary: (context) => `${deviceName(context)} answers ping but not SNMP`,
          description: () =>
            'The last 3 polls failed: is the agent running, is the credential right, is UDP 161 open? If it answers ' +
            'in part, the log of the collector names the module that it refuses.',
        },
      },
      {
        alert: 'SnmpFrozen',
        severity: 'warning',
        expr: overProbes(({ snmp }) => snmp?.intervalMs, frozen, frozenMs),
        // Some agents answer from what they read minutes ago.
        forMs: 300_000,
        annotations: {
          summary: (context) => `${deviceName(context)} answers SNMP with values that stand still`,
          description: ({ value }) =>
            `Its sysUpTime should grow, and was ${value} in each poll for 5 minutes and more. What else it answers may be as` +
            ' old: restart its SNMP agent.',
        },
      },
    ],
  }
}

const lastThreeMs = (pollMs: number): number => 3 * pollMs + 5_000

const frozenMs = (pollMs: number): number => Math.max(5 * pollMs, 300_000) + 5_000

/** What should vary in each of the last polls, and doesn't (D5). An agent that answers nothing is another fact. */
function frozen(pollMs: number): string {
  const upTime = `(sysUpTime[${frozenMs(pollMs)}ms])`
  const byDevice = (rollup: string): string =>
    `${rollup} by (device, branch, region) (${rollup}_over_time${upTime})`
  return (
    `(${byDevice('max')} == ${byDevice('min')})` +
    ` and on(device) (max by (device) (count_over_time${upTime}) >= 4)`
  )
}

/**
 * The last 3 polls failed. The collector counts failures and polls a device less often that keeps failing, so the count is
 * looked for as far back as its longest pause, and a collector that began to count anew doesn't end the alert.
 */
function failing(pollMs: number): string {
  const lastThree = `[${lastThreeMs(pollMs)}ms]`
  const longest = `[${Math.max(pollMs, MOST_SNMP_REST_MS) + 2 * pollMs + 5_000}ms]`
  return (
    `(max by (device, branch, region) (max_over_time(snmp_failures${longest})) >= 3)` +
    ` and on(device) (max by (device) (last_over_time(snmp_up${longest})) == 0)` +
    ` unless on(device) (max by (device) (max_over_time(snmp_up${lastThree})) == 1)` +
    ` and on(device) (${IS_UP}) and on(device) (${unchangedFor(lastThreeMs(pollMs))})`
  )
}
