import type { z } from 'zod'
import { createMemory } from '../../collector/snmp/memory.ts'
import type { SnmpModule } from '../../collector/snmp/module.ts'
import { type PollResult, pollDevice, pollSummary } from '../../collector/snmp/poll.ts'
import { createReadings } from '../../collector/snmp/readings.ts'
import { parseSnmpYml } from '../../collector/snmp/snmp-yml/load.ts'
import { openTransport } from '../../collector/snmp/protocol/transport.ts'
import { uplinkMatcher, uplinkTag } from '../../collector/snmp/uplinks.ts'
import { credentialSchema } from '../../lib/config/credential.ts'
import type { Device, SnmpSettings } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { snmpYml } from './questions.ts'

/** The one place in which measurements call the collector's polls. */
export type Poller = AsyncDisposable & {
  /** Polls a target as the loop does, with what its polls before learned; the samples as the loop writes them. */
  poll(target: number): Promise<PollResult & { readonly samples: readonly Sample[] }>
}

export type PolledDevice = Device & { readonly snmp: SnmpSettings }

/** As in a configuration file. */
export type Credential = z.input<typeof credentialSchema>

/** By name. */
export type Credentials = Readonly<Record<string, Credential>>

/** What devices use that aren't told otherwise. */
export const CREDENTIAL = 'bench'

export async function openPoller(
  devices: readonly PolledDevice[],
  credentials: Credentials,
): Promise<Poller> {
  const transport = await openTransport(new AbortController().signal)
  const deps = {
    transport,
    credentials: parseCredentials(credentials),
    readings: createReadings(benchModules()),
    tag: uplinkTag(uplinkMatcher([])),
  }
  const targets = devices.map((device) => ({ device, memory: createMemory() }))
  return {
    async poll(place) {
      const target = targets[place % targets.length]
      if (target === undefined) throw new RangeError('no targets')
      const poll = { ...target, address: target.device.address, at: Date.now() }
      const result = await pollDevice(poll, deps)
      const summary = pollSummary(poll, result, target.device.snmp.intervalMs)
      return { ...result, samples: [summary, ...result.samples] }
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

export const parseCredentials = (credentials: Credentials) =>
  Object.fromEntries(
    Object.entries(credentials).map(([name, written]) => [name, credentialSchema.parse(written)]),
  )

/** The modules of the snmp.yml that snmp_exporter gets. */
export function benchModules(): ReadonlyMap<string, SnmpModule> {
  const { modules } = parseSnmpYml(snmpYml(), 'snmp.yml')
  return new Map(modules.map((module) => [module.name, module]))
}

export function createDevice(
  address: string,
  snmp: Partial<SnmpSettings> & Pick<SnmpSettings, 'modules'>,
): PolledDevice {
  return {
    id: address,
    name: address,
    address,
    branch: 'bench',
    region: 'bench',
    type: 'switch',
    role: '',
    vendor: '',
    model: '',
    parents: [],
    enabled: true,
    tags: [],
    ping: { intervalMs: 60_000, count: 1, timeoutMs: 1000, confirm: 1 },
    snmp: {
      credentials: [CREDENTIAL],
      port: 161,
      intervalMs: 60_000,
      timeoutMs: 10_000,
      ...snmp,
    },
  }
}
