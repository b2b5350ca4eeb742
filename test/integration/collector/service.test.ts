import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectorOf } from '../../../collector/main.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { FpingError } from '../../../collector/ping/fping.ts'
import { offsetOf } from '../../../collector/plan.ts'
import { type Network, openNetwork } from '../../../lab/network.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import type { Device } from '../../../lib/inventory.ts'
import { ListenError, serveHttp } from '../../../lib/http-listen.ts'
import { MEMBERS_KEY } from '../../../lib/membership/script.ts'
import { createLog } from '../../../lib/log.ts'
import { connectRedis } from '../../../lib/redis.ts'
import { CHANNELS, type ServiceDeps } from '../../../lib/service.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const ping = { intervalMs: 1_000, count: 1, timeoutMs: 300, confirm: 3 }
const devices = [
  device('core', { address: '198.18.40.1', ping, role: 'isp' }),
  device('edge', { address: '198.18.40.2', ping, parents: ['core'] }),
]

let stores: Stores
let network: Network
beforeAll(async () => {
  network = await openNetwork()
  stores = await startStores()
})
afterAll(async () => {
  await stores[Symbol.asyncDispose]()
  await network[Symbol.asyncDispose]()
})

async function depsOf(collector: Record<string, unknown> = {}): Promise<ServiceDeps> {
  const listen = `127.0.0.1:${await freePort()}`
  return {
    config: configSchema.parse({
      data_dir: stores.dataDir,
      collector: { listen, name: 'lab', ...collector },
    }),
    inventory: inventoryOf(...devices),
    victoriaMetrics: stores.victoriaMetrics,
    redis: stores.redis,
    log: createLog('silent'),
    clock: systemClock,
    version: '1.2.3',
    mode: 'distributed',
  }
}

function start(deps: ServiceDeps) {
  const stop = new AbortController()
  const running = collectorOf(BUILT_IN_MODULES)(deps, stop.signal)
  return {
    url: `http://${deps.config.collector.listen}`,
    running,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

/** A device that is probed and polled every hour, the last time in this second. */
function turnAt(at: number): Device {
  const second = Math.floor(at / 1_000)
  const hour = 3_600
  const ids = Array.from({ length: 100 * hour }, (_, index) => `hourly-${index}`)
  const id = ids.find((each) => offsetOf(each, hour) === second % hour)
  if (id === undefined) throw new Error('no such device')
  const intervalMs = hour * 1_000
  return device(id, {
    address: '198.18.40.3',
    ping: { ...ping, intervalMs },
    snmp: { modules: ['system'], credentials: [], port: 161, intervalMs, timeoutMs: 500 },
  })
}

const seen = async (expr: string) => {
  await stores.victoriaMetrics.flush()
  return stores.victoriaMetrics.query(`last_over_time(${expr}[30s])`)
}

describe('the collector', () => {
  test('writes what it sees of the devices, who they are and how it does itself', async () => {
    await using _ = start(await depsOf())
    const up = await waitFor(
      async () => {
        const rows = await seen('ping_up{device!="wardline-canary"}')
        return rows.length === 2 ? rows : null
      },
      { what: 'samples of both devices' },
    )
    expect(up.map(({ labels, value }) => [labels, value])).toContainEqual([
      { __name__: 'ping_up', device: 'core', branch: 'Vake', region: 'Tbilisi', vantage: 'lab' },
      1,
    ])
    const info = await seen('device_info{device="core"}')
    expect(info.map(({ labels }) => labels['role'])).toEqual(['isp'])
    const own = await seen('wardline_build_info{component="collector"}')
    expect(own.map(({ labels }) => labels['instance'])).toEqual(['lab'])
  })

  test('answers /health and /metrics, and counts what was due, made and stored', async () => {
    await using collector = start(await depsOf())
    const metrics = async () => (await fetch(`${collector.url}/metrics`)).text()
    const text = await waitFor(
      async () => {
        const now = await metrics().catch(() => '')
        const made = /wardline_samples_made_total\{kind="ping"\} [1-9]/.test(now)
        return made && /wardline_samples_stored_total [1-9]/.test(now) ? now : null
      },
      { what: 'stored samples in /metrics' },
    )
    expect(text).toMatch(/wardline_samples_due_total\{kind="ping"\} [1-9]/)
    expect(text).toContain('wardline_collector_targets{kind="ping"} 2\n')
    expect(text).toContain('wardline_build_info{component="collector",version="1.2.3"} 1')
    const health = await fetch(`${collector.url}/health`)
    expect([health.status, await health.json()]).toEqual([
      200,
      {
        status: 'healthy',
        component: 'collector',
        version: '1.2.3',
        site: '',
        share: { devices: 2, of: 2 },
        collectors: ['lab'],
        redis: 'ok',
      },
    ])
  })

  test('hints at a change once its sample is stored', async () => {
    const told: { device: string; up: boolean; at: number; stored: boolean }[] = []
    const listener = stores.redis.duplicate()
    await waitFor(() => listener.status === 'ready' || void listener.connect().catch(() => {}))
    await listener.subscribe(CHANNELS.probes)
    listener.on('message', (_channel, message) => {
      for (const hint of JSON.parse(message) as { device: string; up: boolean; at: number }[]) {
        void stores.victoriaMetrics
          .flush()
          .then(() =>
            stores.victoriaMetrics.query(`last_over_time(ping_up{device="${hint.device}"}[1s])`, {
              at: hint.at,
            }),
          )
          .then((rows) => told.push({ ...hint, stored: rows.length > 0 }))
      }
    })
    await using _ = start(await depsOf())
    await waitFor(() => told.filter(({ up }) => up).length >= 2, { what: 'the first answers' })
    const { at } = await network.down(['198.18.40.2'])
    await waitFor(() => told.some(({ up }) => !up), { what: 'the outage' })
    await network.up(['198.18.40.2'])
    listener.disconnect()
    const outage = told.find(({ up }) => !up)
    expect(outage).toMatchObject({ device: 'edge', stored: true })
    expect(outage?.at).toBeGreaterThan(at - 1_500)
    expect(told.every(({ stored }) => stored)).toBe(true)
  })

  test('goes on without Redis', async () => {
    const redis = connectRedis(`redis://127.0.0.1:${await freePort()}`, createLog('silent'))
    const since = Date.now()
    await using _ = start({ ...(await depsOf({ name: 'alone' })), redis })
    await waitFor(
      async () => (await seen('ping_up{vantage="alone"}')).some(({ at }) => at >= since),
      { what: 'samples' },
    )
    redis.disconnect()
  })

  test('goes on with the device_info of before its start, and ends the ones that are others by now', async () => {
    const kept = device('kept', {
      snmp: {
        modules: ['system'],
        credentials: [],
        port: 161,
        intervalMs: 3_600_000,
        timeoutMs: 500,
      },
    })
    const before = 'device,device=kept,branch=Vake,region=Tbilisi,address=198.18.0.1,type=router'
    const at = Date.now() - 120_000
    await stores.victoriaMetrics.writeLines(
      `${before},name=kept.example.net,sysName=sw-1 info=1 ${at}\n${before},name=old info=1 ${at}`,
    )
    await stores.victoriaMetrics.flush()
    await using _ = start({ ...(await depsOf({ name: 'again' })), inventory: inventoryOf(kept) })
    const info = () =>
      stores.victoriaMetrics.query('default_rollup(device_info{device="kept"}[10m])')
    const rows = await waitFor(
      async () => {
        await stores.victoriaMetrics.flush()
        const fresh = await seen('device_info{device="kept"}')
        const now = await info()
        return fresh.length > 0 && now.length === 1 ? now : null
      },
      { what: 'one series of the device' },
    )
    expect(rows[0]?.labels).toMatchObject({ name: 'kept.example.net', sysName: 'sw-1' })
  })

  test('started again under its name it asks at once those whose turn came while it was away, and them alone', async () => {
    const now = Date.now()
    const [missed, inTurn] = [turnAt(now - 2_000), turnAt(now - 1_800_000)]
    const before = { site: '', token: 'of before', host: 'h', from: now - 60_000, beats: 30 }
    await stores.redis.hset(MEMBERS_KEY, {
      killed: JSON.stringify({ ...before, beat: now - 1_000, ends: now + 9_000 }),
    })
    await using _ = start({
      ...(await depsOf({ name: 'killed' })),
      inventory: inventoryOf(missed, inTurn),
    })
    await waitFor(async () => (await seen('ping_up{vantage="killed"}')).length > 0, {
      timeoutMs: 20_000,
      what: 'a probe',
    })
    await waitFor(async () => (await seen(`snmp_up{device="${missed.id}"}`)).length > 0, {
      timeoutMs: 20_000,
      what: 'a poll',
    })
    const probed = await seen('ping_up{vantage="killed"}')
    expect(probed.map(({ labels }) => labels['device'])).toEqual([missed.id])
  })

  test('stores at its end what it saw to the last', async () => {
    const collector = start(await depsOf({ name: 'short' }))
    await waitFor(async () => (await seen('ping_up{vantage="short"}')).length === 2, {
      what: 'samples',
    })
    const stoppedAt = Date.now()
    await collector[Symbol.asyncDispose]()
    expect(Date.now() - stoppedAt).toBeLessThan(3_000)
    await stores.victoriaMetrics.flush()
    const newest = await stores.victoriaMetrics.query(
      'max(tlast_over_time(ping_up{vantage="short"}[30s]))',
    )
    expect((newest[0]?.value ?? 0) * 1000).toBeGreaterThan(stoppedAt - 2_000)
    await expect(fetch(`${collector.url}/health`)).rejects.toThrow()
  })
})

describe('a collector that can not work says so at its start', () => {
  test('without fping', async () => {
    const { running } = start(await depsOf({ fping: '/nowhere/fping' }))
    await expect(running).rejects.toThrow(FpingError)
    await expect(running).rejects.toThrow(/no fping at "\/nowhere\/fping": install it/)
  })

  test('on a port that is taken', async () => {
    const deps = await depsOf()
    await using _ = await serveHttp(() => new Response(), deps.config.collector.listen, 'test')
    const { running } = start(deps)
    await expect(running).rejects.toThrow(ListenError)
    await expect(running).rejects.toThrow(/^collector\.listen: port \d+ is in use/)
  })
})
