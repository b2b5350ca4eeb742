import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectorOf } from '../../../collector/main.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { createLog } from '../../../lib/log.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { mibOf, startAgent } from '../snmp/agent.ts'
import { exported } from '../lib/exported.ts'
import { type Tools, openTools } from './fixture.ts'

const LINK_DOWN = '1.3.6.1.6.3.1.1.5.3'
/** Of their own accord ping and SNMP wouldn't ask within this test. */
const HOUR = 3_600_000
const address = '198.18.62.1'

let stores: Stores
let tools: Tools
let dataDir: string
beforeAll(async () => {
  stores = await startStores()
  tools = await openTools()
  dataDir = await mkdtemp(join(tmpdir(), 'wardline-traps-'))
})
afterAll(async () => {
  await stores[Symbol.asyncDispose]()
  await tools[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})

/** The whole collector, with one device whose agent it polls. */
async function startCollector() {
  const agent = await startAgent({ address, port: 1161, mib: mibOf({ name: 'edge' }) })
  const [listen, trapPort] = [`127.0.0.1:${await freePort()}`, await freePort()]
  const stop = new AbortController()
  const edge = device('edge', {
    address,
    ping: { intervalMs: HOUR, count: 1, timeoutMs: 300, confirm: 3 },
    snmp: {
      modules: ['system'],
      credentials: ['red'],
      port: agent.port,
      intervalMs: HOUR,
      timeoutMs: 900,
    },
  })
  const running = collectorOf(BUILT_IN_MODULES)(
    {
      config: configSchema.parse({
        data_dir: dataDir,
        collector: { listen, name: 'lab' },
        credentials: { red: { version: '2c', community: 'public' } },
        snmp: { traps: { listen: `0.0.0.0:${trapPort}` } },
      }),
      inventory: inventoryOf(edge),
      victoriaMetrics: stores.victoriaMetrics,
      redis: stores.redis,
      log: createLog('silent'),
      clock: systemClock,
      version: '1.2.3',
      mode: 'distributed',
    },
    stop.signal,
  )
  const metrics = async (): Promise<string> => (await fetch(`http://${listen}/metrics`)).text()
  await waitFor(async () => (await metrics()).includes('{loop="traps"}'), {
    what: 'the collector, ready for traps',
  })
  return {
    agent,
    metrics,
    inform: (oid: string) =>
      tools.snmpinform(
        '-v',
        '2c',
        '-c',
        'public',
        `--clientaddr=${address}`,
        `127.0.0.1:${trapPort}`,
        '4711',
        oid,
        '1.3.6.1.2.1.2.2.1.1.3',
        'i',
        '3',
      ),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await agent[Symbol.asyncDispose]()
    },
  }
}

const points = async (selector: string) => {
  await stores.victoriaMetrics.flush()
  return (await exported(stores.vmUrl, selector)).flatMap((series) => series.points)
}
const increase = async (): Promise<number | undefined> => {
  await stores.victoriaMetrics.flush()
  const [row] = await stores.victoriaMetrics.query(
    'sum by (device) (increase(snmp_traps_total{name="linkDown"}[5m]))',
  )
  return row?.value
}

describe('a trap, from snmpinform to VictoriaMetrics', () => {
  test('linkDown has its device pinged and polled within a second, and is a counted series', async () => {
    await using collector = await startCollector()
    const sentAt = Date.now()
    await collector.inform(LINK_DOWN)
    const [first] = await waitFor(
      async () => {
        const seen = await points('ping_up{device="edge"}')
        return seen.length > 0 ? seen : null
      },
      { what: 'a ping sample' },
    )
    expect(first?.[1]).toBe(1)
    // The slot is the next whole second.
    expect(first?.[0]).toBeGreaterThan(sentAt - 1)
    expect(first?.[0]).toBeLessThan(sentAt + 2_000)
    await waitFor(() => collector.agent.requests.length > 0, { what: 'a poll' })
    expect(collector.agent.requests[0]?.at).toBeLessThan(sentAt + 3_000)
    await waitFor(async () => (await increase()) === 1, { what: 'the trap in VictoriaMetrics' })
    expect(await collector.metrics()).toMatch(/wardline_traps_received_total 1\n/)
  })

  test('a restart of the collector loses none of the counts that increase() sees', async () => {
    const before = (await increase()) ?? 0
    await using collector = await startCollector()
    await collector.inform(LINK_DOWN)
    await waitFor(async () => (await increase()) === before + 1, { what: 'one more' })
  })
})
