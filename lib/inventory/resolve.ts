import {
  BUILT_IN_PING,
  BUILT_IN_SNMP,
  type DefaultsInput,
  type DeviceInput,
  type ProfileInput,
} from '../config/schema.ts'
import type { Device, PingSettings, SnmpSettings } from '../inventory.ts'

/** What fills in the rest of a device. */
export type Layers = {
  readonly defaults: DefaultsInput
  /** By type. */
  readonly profiles: Readonly<Record<string, ProfileInput>>
}

/** The whole device: `defaults`, then its type's profile, then what it says itself; nearer wins, key by key. */
export function resolveDevice(input: DeviceInput, { defaults, profiles }: Layers): Device {
  const type = input.type ?? defaults.type ?? ''
  const profile = Object.hasOwn(profiles, type) ? profiles[type] : undefined
  const text = (key: 'branch' | 'region' | 'role' | 'vendor' | 'model'): string =>
    input[key] ?? profile?.[key] ?? defaults[key] ?? ''
  return {
    id: input.id,
    name: input.name === undefined || input.name === '' ? input.id : input.name,
    address: input.address,
    branch: text('branch'),
    region: text('region'),
    type,
    role: text('role'),
    vendor: text('vendor'),
    model: text('model'),
    parents: input.parents ?? inherited(profile?.parents ?? defaults.parents, input.id),
    enabled: input.enabled ?? profile?.enabled ?? defaults.enabled ?? true,
    tags: input.tags ?? profile?.tags ?? defaults.tags ?? [],
    ping: resolvePing([defaults.ping, profile?.ping, input.ping]),
    snmp: resolveSnmp([defaults.snmp, profile?.snmp, input.snmp]),
  }
}

/** "All are behind the core" holds for the core itself too: it isn't its own parent. */
function inherited(parents: readonly string[] | undefined, id: string): readonly string[] {
  return parents?.filter((parent) => parent !== id) ?? []
}

function resolvePing(layers: readonly DeviceInput['ping'][]): PingSettings {
  const { interval, count, timeout, confirm } = merge(BUILT_IN_PING, layers)
  return { intervalMs: interval, count, timeoutMs: timeout, confirm }
}

/** `false` switches off what the layers before it say, `true` or a setting switches it on again. */
function resolveSnmp(layers: readonly DeviceInput['snmp'][]): SnmpSettings | null {
  const last = layers.findLast((layer) => layer !== undefined)
  const maps = layers.map((layer) => (typeof layer === 'object' ? layer : undefined))
  const builtIn: SnmpLayer = BUILT_IN_SNMP
  const { modules, credentials, port, interval, timeout } = merge(builtIn, maps)
  if (last === false || credentials === undefined) return null
  return { modules, credentials, port, intervalMs: interval, timeoutMs: timeout }
}

type SnmpLayer = {
  readonly modules: readonly string[]
  readonly credentials?: readonly string[]
  readonly port: number
  readonly interval: number
  readonly timeout: number
}

function merge<T extends object>(
  base: T,
  layers: readonly ({ readonly [K in keyof T]?: T[K] | undefined } | undefined)[],
): T {
  const merged = { ...base }
  for (const layer of layers) {
    for (const key in layer) if (layer[key] !== undefined) merged[key] = layer[key]
  }
  return merged
}
