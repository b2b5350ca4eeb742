import type { Config } from '../../lib/config/schema.ts'
import type { RuleGroup } from '../rule.ts'
import { availabilityRules } from './availability.ts'
import { qualityRules } from './quality.ts'
import { selfRules } from './self.ts'
import { snmpRules } from './snmp.ts'
import { uplinkRules } from './uplinks.ts'

/** The rules that wardline brings. */
export function builtInRules({
  alerting: { availability_interval, interval, flapping },
}: Config): RuleGroup[] {
  return [
    availabilityRules(availability_interval, flapping),
    qualityRules(interval),
    snmpRules(interval),
    uplinkRules(interval),
    selfRules(interval),
  ]
}
