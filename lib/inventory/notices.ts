import { isIP } from 'node:net'
import { canonicalAddress, embeddedAddress } from '../address.ts'
import { didYouMean } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'
import type { Entry, InventorySettings } from './entry.ts'
import type { Device } from '../inventory.ts'

/** Something allowed but worth a look; monitoring goes on with it. */
export type Notice = Problem & {
  readonly kind:
    | 'shared-address'
    | 'shared-name'
    | 'messy-name'
    | 'spelling'
    | 'unused-profile'
    | 'no-credentials'
    | 'no-devices'
  /** The ids that it concerns. */
  readonly devices: readonly string[]
}

export function findNotices(entries: readonly Entry[], settings: InventorySettings): Notice[] {
  return [
    ...shared(entries, 'address', ({ device }) => canonicalAddress(device.address)),
    ...shared(entries, 'name', ({ input, device }) => (input.name ? device.name : null)),
    ...entries.flatMap(messyName),
    ...SPELLED.flatMap((key) => spellings(entries, key)),
    ...unusedProfiles(entries, settings),
    ...entries.flatMap(withoutCredentials),
  ]
}

/** For an inventory that holds nothing, neither good nor bad. */
export function noDevices({
  configFile,
  line,
}: Pick<InventorySettings, 'configFile' | 'line'>): Notice {
  const path = 'inventory'
  const message =
    'there are no devices, so nothing is monitored: give some under inventory.devices, or their files under inventory.files'
  return {
    kind: 'no-devices',
    file: configFile,
    line: line?.([path]),
    path,
    message,
    devices: [],
  }
}

/** One notice for each address or name that several devices have. */
function shared(
  entries: readonly Entry[],
  what: 'address' | 'name',
  keyOf: (entry: Entry) => string | null,
): Notice[] {
  return groups(entries, keyOf)
    .filter(([, group]) => group.length > 1)
    .map(([, group]): Notice => {
      const first = group[0] as Entry
      const devices = group.map(({ device }) => device.id)
      return {
        kind: `shared-${what}`,
        file: first.file,
        line: first.record.line([what]),
        path: what,
        message: `${JSON.stringify(first.device[what])} is shared by ${devices.length} devices: ${listed(devices)}`,
        devices,
      }
    })
}

function messyName({ file, record, input, device }: Entry): Notice[] {
  const faults = input.name === undefined ? [] : nameFaults(device)
  if (faults.length === 0) return []
  const message = `${JSON.stringify(device.name)} ${faults.join(', ')}`
  const line = record.line(['name'])
  const devices = [device.id]
  return [{ kind: 'messy-name', file, line, device: device.id, path: 'name', message, devices }]
}

function nameFaults({ name, address }: Device): string[] {
  const faults: string[] = []
  const end = /\s*[-–—_,;:/|]+$/.exec(name)?.[0]
  if (end !== undefined) faults.push(`ends in ${JSON.stringify(end)}`)
  const start = /^[-–—_,;:/|]+\s*/.exec(name)?.[0]
  if (start !== undefined) faults.push(`begins with ${JSON.stringify(start)}`)
  if (/\s{2,}/u.test(name)) faults.push('has several spaces in a row')
  const inside = embeddedAddress(name)
  if (inside === null || isIP(name) !== 0) return faults
  faults.push(
    inside === address ? `holds its address` : `holds ${inside}, but its address is ${address}`,
  )
  return faults
}

/** What devices are counted by. */
export const SPELLED = ['branch', 'region', 'type', 'role', 'vendor'] as const

/** Values that differ in case, spaces or punctuation alone are most likely one: they'd be counted apart. */
function spellings(entries: readonly Entry[], key: (typeof SPELLED)[number]): Notice[] {
  return groups(entries, ({ device }) => fold(device[key]) || null).flatMap(([, group]) => {
    const byText = groups(group, ({ device }) => device[key]).sort(
      ([, a], [, b]) => b.length - a.length,
    )
    const rarest = byText.at(-1)?.[1][0]
    if (byText.length < 2 || rarest === undefined) return []
    const counts = byText.map(([text, { length }]) => `${JSON.stringify(text)} (${length})`)
    const notice: Notice = {
      kind: 'spelling',
      file: rarest.file,
      line: rarest.record.line([key]),
      path: key,
      message: `one ${key} in ${byText.length} spellings? ${counts.join(', ')}`,
      devices: byText.slice(1).flatMap(([, others]) => others.map(({ device }) => device.id)),
    }
    return [notice]
  })
}

/** What is left of a text when case, spaces and punctuation don't count. */
export const fold = (text: string): string =>
  text.toLowerCase().replace(/[^\p{L}\p{N}\p{S}]+/gu, '')

function unusedProfiles(entries: readonly Entry[], settings: InventorySettings): Notice[] {
  const types = new Set(entries.map(({ device }) => device.type))
  return Object.keys(settings.profiles)
    .filter((type) => !types.has(type))
    .map((type): Notice => ({
      kind: 'unused-profile',
      file: settings.configFile,
      line: settings.line?.(['profiles', type]),
      path: `profiles.${type}`,
      message: `no device has this type${didYouMean(type, types)}`,
      devices: [],
    }))
}

/** SNMP settings of its own, but nothing to log in with: it isn't polled. */
function withoutCredentials({ file, record, input, device }: Entry): Notice[] {
  const wants = input.snmp !== undefined && input.snmp !== false
  if (!wants || device.snmp !== null) return []
  const message = 'not polled: neither the device nor its profile nor defaults name credentials'
  const line = record.line(['snmp'])
  const devices = [device.id]
  return [{ kind: 'no-credentials', file, line, device: device.id, path: 'snmp', message, devices }]
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string | null): [string, T[]][] {
  const found = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === null) continue
    const group = found.get(key)
    if (group === undefined) found.set(key, [item])
    else group.push(item)
  }
  return [...found]
}

const MAX_LISTED = 10

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_LISTED).join(', ')
  return ids.length > MAX_LISTED ? `${shown} and ${ids.length - MAX_LISTED} more` : shown
}
