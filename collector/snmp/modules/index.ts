import type { SnmpModule } from '../module.ts'
import { ifMib } from './if-mib.ts'
import { system } from './system.ts'

const modules = [system, ifMib]

/** By name. What each one reads: docs/snmp-devices.md. */
export const BUILT_IN_MODULES: ReadonlyMap<string, SnmpModule> = new Map(
  modules.map((module) => [module.name, module]),
)

/** What `snmp.modules` of a device may name, besides modules that the user brings. `auto`: chosen by its sysObjectID. */
export const SNMP_MODULE_NAMES: readonly string[] = [...BUILT_IN_MODULES.keys(), 'auto']

/** Labels that SNMP may give `device_info`. */
export const SNMP_TEXT_NAMES: readonly string[] = [
  ...new Set(modules.flatMap(({ texts }) => texts.map(({ name }) => name))),
]
