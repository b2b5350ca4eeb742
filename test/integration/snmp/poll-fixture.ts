import type { Config } from '../../../lib/config/schema.ts'
import type { Labels } from '../../../lib/labels.ts'
import type { Device, SnmpSettings } from '../../../lib/inventory.ts'
import { Secret } from '../../../lib/secret.ts'
import { type DeviceMemory, createMemory } from '../../../collector/snmp/memory.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import type { SnmpModule } from '../../../collector/snmp/module.ts'
import {
  type Poll,
  type PollResult,
  pollDevice,
  pollSummary,
} from '../../../collector/snmp/poll.ts'
import { createReadings } from '../../../collector/snmp/readings.ts'
import type { Transport } from '../../../collector/snmp/protocol/transport.ts'

export const CREDENTIALS: Config['credentials'] = {
  v1: { version: '1', community: new Secret('public') },
  v2c: { version: '2c', community: new Secret('public') },
  other: { version: '2c', community: new Secret('something else') },
}

export function deviceAt(
  { address, port }: { readonly address: string; readonly port: number },
  snmp: Partial<SnmpSettings> = {},
  rest: Partial<Device> = {},
): Poll['device'] {
  return {
    id: 'sw-1',
    name: 'Switch 1',
    address,
    branch: 'harbour',
    region: 'west',
    type: 'switch',
    role: '',
    vendor: '',
    model: '',
    parents: [],
    enabled: true,
    tags: [],
    ping: { intervalMs: 10_000, count: 2, timeoutMs: 1000, confirm: 3 },
    ...rest,
    snmp: {
      modules: ['system', 'if_mib'],
      credentials: ['v2c'],
      port,
      intervalMs: 60_000,
      timeoutMs: 3_000,
      ...snmp,
    },
  }
}

export const IDENTITY = { device: 'sw-1', branch: 'harbour', region: 'west' }

/** A whole second. */
export const SLOT = 1_700_000_000_000

export type Poller = (at?: number) => Promise<PollResult>

/** Polls one device again and again, with one memory; the summary is the first of its samples. */
export function pollerOf(
  transport: Transport,
  device: Poll['device'],
  {
    memory = createMemory(),
    modules = BUILT_IN_MODULES,
  }: { memory?: DeviceMemory; modules?: ReadonlyMap<string, SnmpModule> } = {},
): Poller {
  const deps = {
    transport,
    credentials: CREDENTIALS,
    readings: createReadings(modules),
    tag: (_device: Device, labels: Labels) => labels,
  }
  return async (at = SLOT) => {
    const poll = { device, memory, at, address: device.address }
    const result = await pollDevice(poll, deps)
    return { ...result, samples: [pollSummary(poll, result, 60_000), ...result.samples] }
  }
}

/** One metric's value of a result, of the series that has at least these labels. */
export function valueOf(
  { samples }: Pick<PollResult, 'samples'>,
  metric: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  for (const sample of samples) {
    const matches = Object.entries(labels).every(([name, text]) => sample.labels[name] === text)
    const prefix = sample.measurement === '' ? '' : `${sample.measurement}_`
    if (!matches || !metric.startsWith(prefix)) continue
    const value = sample.fields[metric.slice(prefix.length)]
    if (value !== undefined) return value
  }
  return undefined
}
