import { join } from 'node:path'
import { createMemory } from '../../../collector/snmp/memory.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { type PollResult, pollDevice } from '../../../collector/snmp/poll.ts'
import { createReadings } from '../../../collector/snmp/readings.ts'
import { openTransport } from '../../../collector/snmp/protocol/transport.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { Secret } from '../../../lib/secret.ts'
import { IDENTITY, SLOT, deviceAt } from './poll-fixture.ts'
import { type Snmpsim, startSnmpsim } from './snmpsim.ts'

/** Metrics in a line. */
const PER_LINE = 4
const RECORDINGS = join(import.meta.dirname, '../../recordings')

/** What wardline makes of a recording. */
export type Recorded = {
  /** For each row its labels without those of the device, then its metrics. Single values come first. */
  readonly rows: string
  readonly texts: Readonly<Record<string, string>>
}

/** All recordings, each an agent of its own on the same port. */
export const startRecordings = (): Promise<Snmpsim> => startSnmpsim(RECORDINGS, { port: 16_100 })

/** Polls a recording once for the module of its name, or for these modules. Rejects when not everything was read. */
export async function pollRecording(
  agents: Snmpsim,
  name: string,
  modules: readonly string[] = [name],
): Promise<Recorded> {
  const { samples, texts } = await poll(agents, name, modules)
  return { rows: rowsOf(samples), texts }
}

export async function samplesOf(
  agents: Snmpsim,
  name: string,
  modules: readonly string[],
): Promise<readonly Sample[]> {
  const { samples } = await poll(agents, name, modules)
  return samples
}

async function poll(
  { address, port }: Snmpsim,
  name: string,
  modules: readonly string[],
): Promise<PollResult> {
  const controller = new AbortController()
  await using transport = await openTransport(controller.signal)
  const device = deviceAt({ address, port }, { modules, timeoutMs: 20_000 })
  const deps = {
    transport,
    credentials: { v2c: { version: '2c', community: new Secret(name) } as const },
    readings: createReadings(BUILT_IN_MODULES),
    tag: (_: unknown, labels: Sample['labels']) => labels,
  }
  const turn = { device, memory: createMemory(), at: SLOT, address }
  // Modules that are chosen by sysObjectID are read by the poll after the one that learns it.
  if (modules.includes('auto')) await pollDevice(turn, deps)
  const result = await pollDevice(turn, deps)
  if (result.failure !== null) throw result.failure
  return result
}

const { compare } = new Intl.Collator('en', { numeric: true })

function rowsOf(samples: readonly Sample[]): string {
  const rows = Map.groupBy(samples, ({ labels }) => textOf(labels))
  return [...rows]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([labels, parts]) => {
      const metrics = parts.flatMap(({ fields }) => Object.entries(fields))
      const texts = metrics.map(([name, value]) => `${name} ${value}`).toSorted(compare)
      return [labels, ...linesOf(texts)].join('\n')
    })
    .join('\n')
}

function linesOf(texts: readonly string[]): string[] {
  const count = Math.ceil(texts.length / PER_LINE)
  return Array.from({ length: count }, (_, i) => {
    return `  ${texts.slice(i * PER_LINE, (i + 1) * PER_LINE).join(', ')}`
  })
}

function textOf(labels: Sample['labels']): string {
  const own = Object.entries(labels).filter(([name]) => !(name in IDENTITY))
  return `{${own.map(([name, text]) => `${name}="${text}"`).join(', ')}}`
}
