import type { Config } from '../../lib/config/schema.ts'
import type { RuleGroup } from '../rule.ts'
import { availabilityRules } from './availability.ts'
import { qualityRules } from './quality.ts'
import { selfRules } from './self.ts'
import { snmpRules } from './snmp.ts'

const PING_INTERVAL_MS = 10_000
const SNMP_INTERVAL_MS = 60_000

/** The rules that wardline brings, on the intervals of the configuration. */
export function builtInRules({ alerting, defaults }: Config): RuleGroup[] {
  const { interval } = alerting
  const snmp = typeof defaults.snmp === 'object' ? defaults.snmp : undefined
  return [
    availabilityRules(alerting.availability_interval),
    qualityRules(interval, defaults.ping?.interval ?? PING_INTERVAL_MS),
    snmpRules(interval, snmp?.interval ?? SNMP_INTERVAL_MS),
    selfRules(interval),
  ]
}
