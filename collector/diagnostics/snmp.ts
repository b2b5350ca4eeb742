import type { Config } from '../../lib/config/schema.ts'
import { DIAGNOSTIC_DEADLINE_MS, type Outcome } from '../../lib/diagnostics.ts'
import { type Device, identityLabels } from '../../lib/inventory.ts'
import { createMemory } from '../snmp/memory.ts'
import type { SnmpModule } from '../snmp/module.ts'
import { type PollResult, pollDevice, pollSummary } from '../snmp/poll.ts'
import { openTransport } from '../snmp/protocol/transport.ts'
import { createReadings } from '../snmp/readings.ts'
import { type StoredValue, labelsText, storedValues } from '../snmp/stored-values.ts'
import { uplinkMatcher, uplinkTag } from '../snmp/uplinks.ts'

export type SnmpDeps = {
  readonly config: Pick<Config, 'credentials' | 'snmp'>
  readonly modules: ReadonlyMap<string, SnmpModule>
}

/** A switch with hundreds of ports has tens of thousands: the page shows so many, and how many there are. */
const MOST_VALUES = 2_000

/**
 * Polls the modules of a device once, as the collector would, on sockets of its own and with nothing remembered: what the
 * monitoring knows and stores stays as it is. Of credentials the names alone are told.
 */
export async function* pollByHand(
  { config, modules }: SnmpDeps,
  device: Device,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<string, Outcome> {
  const { snmp } = device
  if (snmp === null || snmp.credentials.length === 0)
    return { ok: false, summary: `${device.id} has no SNMP credentials in the inventory` }
  yield `snmp ${address} port ${snmp.port}: modules ${snmp.modules.join(', ')}; credentials ${snmp.credentials.join(', ')}`
  await using transport = await openTransport(signal)
  const poll = {
    device: {
      ...device,
      snmp: { ...snmp, timeoutMs: Math.min(snmp.timeoutMs, DIAGNOSTIC_DEADLINE_MS - 5_000) },
    },
    address,
    memory: createMemory(),
    at: 0,
  }
  const result = await pollDevice(poll, {
    transport,
    credentials: config.credentials,
    readings: createReadings(modules),
    tag: uplinkTag(uplinkMatcher(config.snmp.uplinks)),
  })
  const samples = [pollSummary(poll, result, snmp.intervalMs), ...result.samples]
  const values = samples.flatMap(storedValues)
  for (const value of values.slice(0, MOST_VALUES)) yield valueLine(value, device)
  if (values.length > MOST_VALUES) yield `… and ${values.length - MOST_VALUES} values more`
  for (const [name, text] of Object.entries(result.texts)) yield `${name}: ${text}`
  return { ok: result.failure === null, summary: summaryOf(result, values.length) }
}

/** Without the labels that all series of the device have. */
function valueLine({ metric, labels, value }: StoredValue, device: Device): string {
  const common = identityLabels(device)
  const own = Object.entries(labels).filter(([name]) => !Object.hasOwn(common, name))
  return `${metric}${own.length === 0 ? '' : labelsText(Object.fromEntries(own))} ${value}`
}

function summaryOf({ failure, credential, pdus, seconds }: PollResult, values: number): string {
  const cost = `${pdus} PDUs in ${Math.round(seconds * 1000)} ms`
  const who = credential === null ? 'no credential was answered' : `answered with ${credential}`
  return failure === null
    ? `${values} values would be stored; ${cost}, ${who}`
    : `failed (${failure.reason}): ${failure.message}; ${cost}, ${who}`
}
