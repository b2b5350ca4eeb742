import type { RuleGroup } from '../rule.ts'
import { deviceName } from './text.ts'

/** SNMP that fails while ping is fine: another fact, another alert (E5). */
export function snmpRules(intervalMs: number, pollIntervalMs: number): RuleGroup {
  const lastThree = `[${3 * pollIntervalMs + 5_000}ms]`
  return {
    name: 'snmp',
    intervalMs,
    rules: [
      {
        alert: 'SnmpFailing',
        severity: 'warning',
        expr:
          `(max by (device, branch, region) (max_over_time(snmp_up${lastThree})) == 0)` +
          ` and on(device) (max by (device) (count_over_time(snmp_up${lastThree})) >= 3)` +
          ' and on(device) (max by (device) (last_over_time(device_state_up[10m])) == 1)',
        annotations: {
          summary: (context) => `${deviceName(context)} answers ping but not SNMP`,
          description: () =>
            'The last 3 polls failed: is the agent running, is the community right, is UDP 161 open?',
        },
      },
    ],
  }
}
