import type { z } from 'zod'
import { type Finding, type Validated, validate } from '../../config/explain.ts'
import { type DeviceInput, deviceSchema, pingSchema, snmpSchema } from '../../config/schema.ts'
import { formatDuration } from '../../duration.ts'
import type { Device } from '../../inventory.ts'

/** What may be said of a device besides its id. */
export const fieldsSchema = deviceSchema.omit({ id: true }).partial()

/** What an edit says of a device, parsed: durations are milliseconds. What it doesn't say is left out. */
export type Fields = z.output<typeof fieldsSchema>

/** As a file would say it: durations are texts. */
export type WrittenFields = Readonly<Record<string, unknown>>

/** What changes: fields that are said, and those (`branch`, `ping.interval`) that aren't said any more. */
export type Patch = { readonly set: Fields; readonly unset: readonly string[] }

/** The keys of a device that hold keys of their own. */
const SECTIONS = ['ping', 'snmp'] as const

/** A patch as a client sends it: null takes back what was said of a key, of ping and snmp key by key. */
export function readPatch(value: unknown): Validated<Patch> {
  const unset: string[] = []
  const set = validate(fieldsSchema, withoutNulls(value, '', unset))
  if (!set.ok) return { ok: false, findings: set.findings.map(explainId) }
  return { ok: true, data: { set: set.data, unset } }
}

function withoutNulls(value: unknown, path: string, unset: string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const kept = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const inner = path === '' ? key : `${path}.${key}`
    // A key that there isn't is told by the schema, whatever its value.
    if (item === null && isKnownPath(inner)) unset.push(inner)
    else if (path === '') return [[key, withoutNulls(item, inner, unset)]]
    else return [[key, item]]
    return []
  })
  // Where each key is taken back, nothing is said: an empty section would switch SNMP on.
  const isAllTaken = path !== '' && kept.length === 0 && Object.keys(value).length > 0
  return isAllTaken ? undefined : Object.fromEntries(kept)
}

const PATHS: ReadonlySet<string> = new Set([
  ...Object.keys(fieldsSchema.shape),
  ...Object.keys(pingSchema.shape).map((key) => `ping.${key}`),
  ...Object.keys(snmpSchema.shape).map((key) => `snmp.${key}`),
])
const isKnownPath = (path: string): boolean => PATHS.has(path)

const explainId = ({ path, message }: Finding): Finding =>
  path.length === 1 && path[0] === 'id'
    ? { path, message: "an id can't be changed: make another device, and delete this one" }
    : { path, message }

/** `over` on top of `base`: nearer wins, of ping and snmp key by key, as resolveDevice has it. */
export function overlay<T extends Fields | DeviceInput>(base: T, over: Fields): T {
  const { ping, snmp, ...rest } = said(over)
  const both: Fields = { ...rest }
  if (ping !== undefined) both.ping = { ...base.ping, ...said(ping) }
  if (snmp !== undefined) both.snmp = overlaySnmp(base.snmp, snmp)
  return { ...base, ...both }
}

function overlaySnmp(base: Fields['snmp'], over: NonNullable<Fields['snmp']>): Fields['snmp'] {
  if (typeof over === 'object')
    return typeof base === 'object' ? { ...base, ...said(over) } : said(over)
  return over && typeof base === 'object' ? base : over
}

/** Without what is undefined: that would hide what lies below. */
function said<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

/** The fields without what these paths name. */
export function without(fields: Fields, paths: readonly string[]): Fields {
  const left = new Map<string, unknown>(Object.entries(fields))
  for (const path of paths) {
    const [key = '', inner] = path.split('.')
    const section = left.get(key)
    if (inner === undefined) left.delete(key)
    else if (typeof section === 'object' && section !== null) {
      const { [inner]: _, ...rest } = section as Record<string, unknown>
      if (Object.keys(rest).length > 0) left.set(key, rest)
      else left.delete(key)
    }
  }
  return Object.fromEntries(left) as Fields
}

/** The paths of all that is said, those inside of a section before the section. */
export function pathsOf(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const isSection = SECTIONS.some((name) => name === key) && typeof value === 'object'
    return isSection ? [...Object.keys(value).map((inner) => `${key}.${inner}`), key] : [key]
  })
}

/** The fields as a file would say them. */
export function writeFields(fields: Fields): WrittenFields {
  const { ping, snmp, ...rest } = said(fields)
  return {
    ...rest,
    ...(ping !== undefined && { ping: written(ping) }),
    ...(snmp !== undefined && { snmp: typeof snmp === 'object' ? written(snmp) : snmp }),
  }
}

/** A whole device as a file would say it that leaves nothing to defaults and profiles. */
export function writeDevice(device: Device): WrittenFields {
  const { ping, snmp, origin: _, ...rest } = device
  return {
    ...rest,
    ping: written({
      interval: ping.intervalMs,
      count: ping.count,
      timeout: ping.timeoutMs,
      confirm: ping.confirm,
    }),
    snmp:
      snmp !== null &&
      written({
        modules: snmp.modules,
        credentials: snmp.credentials,
        port: snmp.port,
        interval: snmp.intervalMs,
        timeout: snmp.timeoutMs,
      }),
  }
}

type Section = { interval?: number | undefined; timeout?: number | undefined }

function written<T extends Section>(section: T): WrittenFields {
  const { interval, timeout } = section
  return {
    ...said(section),
    ...(interval !== undefined && { interval: formatDuration(interval) }),
    ...(timeout !== undefined && { timeout: formatDuration(timeout) }),
  }
}
