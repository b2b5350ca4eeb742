import type { SnmpModule } from '../module.ts'
import { arubaController } from './aruba-controller.ts'
import { arubaCx } from './aruba-cx.ts'
import { cisco } from './cisco.ts'
import { fortinet } from './fortinet.ts'
import { hostResources } from './host-resources.ts'
import { hpAruba } from './hp-aruba.ts'
import { huawei } from './huawei.ts'
import { ifMib } from './if-mib.ts'
import { juniper } from './juniper.ts'
import { linux } from './linux.ts'
import { mikrotik } from './mikrotik.ts'
import { printer } from './printer.ts'
import { system } from './system.ts'
import { ups } from './ups.ts'
import { windows } from './windows.ts'

const modules = [
  system,
  ifMib,
  cisco,
  fortinet,
  mikrotik,
  juniper,
  hpAruba,
  arubaCx,
  arubaController,
  huawei,
  linux,
  windows,
  hostResources,
  ups,
  printer,
]

/** By name. What each one reads: docs/snmp-devices.md. */
export const BUILT_IN_MODULES: ReadonlyMap<string, SnmpModule> = new Map(
  modules.map((module) => [module.name, module]),
)

/** Labels that SNMP may give `device_info`. */
export const SNMP_TEXT_NAMES: readonly string[] = [
  ...new Set(modules.flatMap(({ texts }) => texts.map(({ name }) => name))),
]
