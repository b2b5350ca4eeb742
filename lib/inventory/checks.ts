import { show } from '../config/explain.ts'
import { didYouMean } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'
import type { DefaultsInput } from '../config/schema.ts'
import { formatDuration } from '../duration.ts'
import type { Entry, InventorySettings } from './entry.ts'
import type { Device } from '../inventory.ts'

/** Credentials and modules that are named but don't exist: in each device, and once in what devices inherit. */
export function checkReferences(
  entries: readonly Entry[],
  settings: InventorySettings,
  modules: readonly string[],
): Problem[] {
  const find = (snmp: DefaultsInput['snmp']) => unknownNames(snmp, settings, modules)
  const problems: Problem[] = []
  for (const { keys, value } of layersOf(settings)) {
    for (const { key, message } of find(value.snmp)) {
      const path = [...keys, 'snmp', key]
      const line = settings.line?.(path)
      problems.push({ file: settings.configFile, line, path: path.join('.'), message })
    }
  }
  for (const { file, record, input, device } of entries) {
    for (const { key, message } of find(input.snmp)) {
      const line = record.line(['snmp', key])
      problems.push({ file, line, device: device.id, path: `snmp.${key}`, message })
    }
  }
  return problems
}

function unknownNames(
  snmp: DefaultsInput['snmp'],
  { credentials, runningCredentials = credentials }: InventorySettings,
  modules: readonly string[],
): { key: string; message: string }[] {
  if (typeof snmp !== 'object') return []
  const later = strangers(snmp.credentials, runningCredentials).filter((name) =>
    credentials.includes(name),
  )
  return [
    ...later.map((name) => ({
      key: 'credentials',
      message: `the credentials ${show(name)} were added after the start: restart wardline to use them`,
    })),
    ...strangers(snmp.credentials, credentials).map((name) => ({
      key: 'credentials',
      message: `no credentials have the name ${show(name)}${hint(name, credentials)}`,
    })),
    ...strangers(snmp.modules, modules).map((name) => ({
      key: 'modules',
      message: `unknown module ${show(name)}${hint(name, modules)}`,
    })),
  ]
}

function strangers(names: readonly string[] | undefined, known: readonly string[]): string[] {
  return names?.filter((name) => !known.includes(name)) ?? []
}

function hint(name: string, known: readonly string[]): string {
  if (known.length === 0) return ': there are none in the configuration'
  return didYouMean(name, known) || `, expected one of ${known.join(', ')}`
}

/** What is wrong with one device in itself, by the key of what it says: names that there aren't, times that don't fit. */
export function checkDevice(
  snmp: DefaultsInput['snmp'],
  device: Device,
  settings: InventorySettings,
): { path: string; message: string }[] {
  return [
    ...unknownNames(snmp, settings, settings.snmpModules).map(({ key, message }) => ({
      path: `snmp.${key}`,
      message,
    })),
    ...contradictions(device).map(({ key, message }) => ({ path: key, message })),
  ]
}

/** A probe that can't end before its next turn: told at the device, or once at what its kind inherits. */
export function checkTimes(entries: readonly Entry[], settings: InventorySettings): Problem[] {
  const problems: Problem[] = []
  const told = new Set<string>()
  for (const { file, record, input, device } of entries) {
    for (const { key, message } of contradictions(device)) {
      if (input[key] !== undefined) {
        problems.push({ file, line: record.line([key]), device: device.id, path: key, message })
        continue
      }
      const path = [...sourceOf(device, key, settings), key]
      const line = settings.line?.(path)
      const text = path.join('.')
      if (!told.has(text)) problems.push({ file: settings.configFile, line, path: text, message })
      told.add(text)
    }
  }
  return problems
}

function contradictions({ ping, snmp }: Device): { key: 'ping' | 'snmp'; message: string }[] {
  const found: { key: 'ping' | 'snmp'; message: string }[] = []
  const needed = ping.count * ping.timeoutMs
  if (needed > ping.intervalMs) {
    const probe = `${ping.count} × ${formatDuration(ping.timeoutMs)}`
    const message = `count × timeout must fit in the interval: ${probe} is more than ${formatDuration(ping.intervalMs)}`
    found.push({ key: 'ping', message })
  }
  if (snmp !== null && snmp.timeoutMs > snmp.intervalMs) {
    const message = `the timeout must fit in the interval: ${formatDuration(snmp.timeoutMs)} is more than ${formatDuration(snmp.intervalMs)}`
    found.push({ key: 'snmp', message })
  }
  return found
}

type Layer = { readonly keys: readonly string[]; readonly value: DefaultsInput }

function layersOf({ defaults, profiles }: InventorySettings): Layer[] {
  return [
    { keys: ['defaults'], value: defaults },
    ...Object.entries(profiles).map(([type, value]) => ({ keys: ['profiles', type], value })),
  ]
}

/** The nearest layer that says something of `key`, which is what made the contradiction. */
function sourceOf(
  device: Device,
  key: 'ping' | 'snmp',
  { profiles }: InventorySettings,
): readonly string[] {
  const profile = Object.hasOwn(profiles, device.type) ? profiles[device.type] : undefined
  return profile?.[key] === undefined ? ['defaults'] : ['profiles', device.type]
}
