import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemory } from '../../../collector/snmp/memory.ts'
import { pollDevice } from '../../../collector/snmp/poll.ts'
import { createReadings } from '../../../collector/snmp/readings.ts'
import { type SnmpYml, parseSnmpYml } from '../../../collector/snmp/snmp-yml/load.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { labelsKey } from '../../../lib/labels.ts'
import { CREDENTIALS, IDENTITY, SLOT, deviceAt } from './poll-fixture.ts'
import { type Scraped, type SnmpExporter, startSnmpExporter } from './snmp-exporter.ts'
import { type Snmpd, startSnmpd } from './snmpd.ts'
import { type Snmpsim, startSnmpsim } from './snmpsim.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/snmp')
const FILE = join(FIXTURES, 'snmp.yml')
const TEXT = await readFile(FILE, 'utf8')
const YML = parseSnmpYml(TEXT, FILE)
const DIFFERENCES = join(FIXTURES, 'differences.yml')
const ODD = await readFile(DIFFERENCES, 'utf8')

/** What the agent changes by itself, or by being asked. */
const MOVING = /Up[Tt]ime|Octets$|^hrSystemDate$|^hrStorageUsed$|^laLoad/

const stack = new AsyncDisposableStack()
let exporter: SnmpExporter
let odd: SnmpExporter
let snmpd: Snmpd
let snmpsim: Snmpsim
let transport: Transport

beforeAll(async () => {
  exporter = stack.use(await startSnmpExporter(FILE, { port: 9116 }))
  odd = stack.use(await startSnmpExporter(DIFFERENCES, { port: 9117 }))
  snmpd = stack.use(await startSnmpd({ port: 1161 }))
  snmpsim = stack.use(await startSnmpsim(FIXTURES, { port: 1162 }))
  transport = stack.use(await openTransport(new AbortController().signal))
}, 60_000)

afterAll(() => stack.disposeAsync())

describe('a module of snmp.yml gives the samples that snmp_exporter gives, for the same agent', () => {
  test.each(YML.modules.map(({ name }) => name))('%s', async (module) => {
    const agent = agentOf(module)
    const before = await poll(module, agent)
    const scraped = await exporter.scrape(module, agent)
    const after = await poll(module, agent)

    expect(scraped.length).toBeGreaterThan(0)
    expect(byKey(before)).toEqual(byKey(scraped.map(between(before, after))))
  })
})

describe('what differs from snmp_exporter 0.21 on purpose', () => {
  test('a text where a number should be is no sample, not 0', async () => {
    expect(await both('texts_for_numbers')).toEqual({
      scraped: ['number 5', 'state "state","off" 1', 'state "state","on" 0', 'text 0'],
      polled: ['number 5'],
    })
  })

  test('a Counter64 past 2^53 is rounded, and does not start again at 0', async () => {
    await using wrapping = await startSnmpExporter(DIFFERENCES, { port: 9118, wrap: true })
    expect(await both('large_counter', wrapping)).toEqual({
      scraped: ['large 5'],
      polled: ['large 9007199254740996'],
    })
  })

  test('TimeTicks as a text are a number, as in newer versions', async () => {
    expect(await both('ticks_as_text')).toEqual({
      scraped: ['ticks "ticks","%!s(uint32=12345)" 1'],
      polled: ['ticks "ticks","12345" 1'],
    })
  })

  test('the kind of a looked-up address or port is in the column before it, as in newer versions', async () => {
    const { polled } = await both('kinds_of_lookups')
    expect(polled.join('\n')).toContain('"lldpLocPortId","Gi0/5"')
    expect(polled.join('\n')).toContain('"lldpLocPortId","00:1A:2B:3C:4D:5F"')
  })

  test('a text that is not UTF-8 does not cost the scrape: it is Latin-1, or its bytes', async () => {
    expect(await both('not_utf8')).toEqual({
      scraped: 'failed',
      polled: ['address "address","00:1a:2b:3c:4d:ff" 1', 'name "name","Zürich" 1'],
    })
  })

  test('rows that have the same labels do not cost the others', async () => {
    expect(await both('duplicates')).toEqual({
      scraped: 'failed',
      polled: ['used "name","disk" 10', 'used "name","disk" 20'],
    })
  })

  async function both(module: string, by: SnmpExporter = odd) {
    const lines = (samples: readonly Scraped[]): string[] =>
      samples.map((sample) => `${keyOf(sample)} ${sample.value}`.replace('  ', ' ')).toSorted()
    const polled = lines(await poll(module, snmpsim, parseSnmpYml(ODD, DIFFERENCES)))
    const scraped = await by.scrape(module, snmpsim).then(lines, () => 'failed')
    return { scraped, polled }
  }
})

function agentOf(module: string): Snmpd | Snmpsim {
  const credential = YML.credentials[module]
  const isOurs = credential === undefined || credential.version === '3'
  return isOurs || !snmpsim.communities.includes(credential.community.reveal()) ? snmpd : snmpsim
}

/** wardline's samples of one poll, without the labels that say whose they are. */
async function poll(
  module: string,
  agent: { readonly address: string; readonly port: number },
  yml: SnmpYml = YML,
): Promise<Scraped[]> {
  const device = deviceAt(agent, {
    modules: [module],
    credentials: [module in yml.credentials ? module : 'v2c'],
    timeoutMs: 20_000,
  })
  const { samples, failure } = await pollDevice(
    { device, address: agent.address, memory: createMemory(), at: SLOT },
    {
      transport,
      credentials: { ...CREDENTIALS, ...yml.credentials },
      readings: createReadings(new Map(yml.modules.map((each) => [each.name, each]))),
      tag: (_device, labels) => labels,
    },
  )
  expect(failure).toBeNull()
  return samples.flatMap(({ labels, fields }) => {
    const own = Object.entries(labels).filter(([name]) => !(name in IDENTITY))
    return Object.entries(fields).map(([name, value]) => ({
      name,
      labels: Object.fromEntries(own),
      value,
    }))
  })
}

/**
 * A scraped sample whose value lies between those of the polls before and after counts as the first poll's: what moves
 * can't be read twice the same.
 */
function between(before: readonly Scraped[], after: readonly Scraped[]) {
  const [first, last] = [byKey(before), byKey(after)]
  return (sample: Scraped): Scraped => {
    const [low, high] = [first.get(keyOf(sample)), last.get(keyOf(sample))]
    if (!MOVING.test(sample.name) || low === undefined || high === undefined) return sample
    const slack = Math.abs(low) / 10
    const isBetween =
      sample.value >= Math.min(low, high) - slack && sample.value <= Math.max(low, high) + slack
    return isBetween ? { ...sample, value: low } : sample
  }
}

const keyOf = ({ name, labels }: Scraped): string => `${name} ${labelsKey(labels)}`

/** Two samples of one series would hide each other. */
function byKey(samples: readonly Scraped[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const sample of samples) {
    expect(found.has(keyOf(sample)), `a second ${keyOf(sample)}`).toBe(false)
    found.set(keyOf(sample), sample.value)
  }
  return found
}
