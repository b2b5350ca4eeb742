import { show } from '../config/explain.ts'
import { didYouMean } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'

/** A device as its file gives it, not checked yet. */
export type DeviceRecord = {
  readonly value: unknown
  /** The line of the device, or of the key at `path` in it. */
  line(path?: readonly PropertyKey[]): number | undefined
}

/** What one file holds. With problems, its records aren't to be trusted. */
export type DeviceFile = {
  readonly file: string
  readonly records: readonly DeviceRecord[]
  readonly problems: readonly Problem[]
}

type Found =
  | { readonly ok: true; readonly path: PropertyKey[]; readonly devices: readonly unknown[] }
  | { readonly ok: false; readonly path: PropertyKey[]; readonly message: string }

/** The list of devices in what YAML or JSON gave: the whole of it, or what stands under `devices`. */
export function findDevices(value: unknown): Found {
  if (Array.isArray(value)) return { ok: true, path: [], devices: value }
  const expected = 'expected a list of devices, or the key devices with such a list'
  if (typeof value !== 'object' || value === null) {
    return { ok: false, path: [], message: `${expected}, got ${show(value)}` }
  }
  const stranger = Object.keys(value).find((key) => key !== 'devices')
  if (stranger !== undefined) {
    const hint = didYouMean(stranger, ['devices'])
    return { ok: false, path: [stranger], message: `${stranger}: unknown key${hint}; ${expected}` }
  }
  const devices = (value as { devices?: unknown }).devices
  return Array.isArray(devices)
    ? { ok: true, path: ['devices'], devices }
    : { ok: false, path: ['devices'], message: `devices: expected a list, got ${show(devices)}` }
}
