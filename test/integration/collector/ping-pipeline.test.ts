import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollectorMetrics } from '../../../collector/meter.ts'
import { type Outcome, runPing } from '../../../collector/ping/loop.ts'
import { createPokes } from '../../../collector/pokes.ts'
import { offsetOf } from '../../../collector/plan.ts'
import { type Network, openNetwork } from '../../../lab/network.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createDelivery, memoryBacklog } from '../../../lib/delivery.ts'
import type { Device } from '../../../lib/inventory.ts'
import { Registry } from '../../../lib/metrics.ts'
import { createSampleWriter } from '../../../lib/sample-writer.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { recordLog } from '../../fakes/log.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { exported } from '../lib/exported.ts'

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

/** The ping loop with the real fping, writing to the real VictoriaMetrics. */
function start(...devices: readonly Device[]) {
  const registry = new Registry()
  const metrics = createCollectorMetrics(registry)
  const { log } = recordLog()
  const backlog = memoryBacklog(10_000_000)
  const writer = createSampleWriter(
    createDelivery({ victoriaMetrics: stores.victoriaMetrics, backlog, meter: metrics, log }),
  )
  const told: Outcome[] = []
  const stop = new AbortController()
  const running = runPing(
    {
      inventory: inventoryOf(...devices),
      vantage: 'lab',
      fping: 'fping',
      resolve: (each) => each.address,
      write: writer.write,
      changed: (outcomes) => void told.push(...outcomes),
      due: () => {},
      pokes: createPokes(),
      meter: metrics.loop('ping'),
      clock: systemClock,
      log,
    },
    stop.signal,
  )
  return {
    told,
    async total(name: string): Promise<number> {
      const metric = await registry.getSingleMetric(name)?.get()
      return metric?.values[0]?.value ?? 0
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await writer[Symbol.asyncDispose]()
      await stores.victoriaMetrics.flush()
    },
  }
}

/** An id whose slot comes `seconds` from now. */
function idDueIn(seconds: number, intervalSeconds: number, prefix: string): string {
  const slot = (Math.ceil(Date.now() / 1000) + seconds) % intervalSeconds
  for (let n = 0; ; n++) {
    const id = `${prefix}${n}`
    if (offsetOf(id, intervalSeconds) === slot) return id
  }
}

const read = async (id: string, field: string) => {
  const rows = await exported(stores.vmUrl, `ping_${field}{device="${id}"}`)
  expect(rows.length).toBeLessThanOrEqual(1)
  return rows[0]?.points ?? []
}

describe('a real outage, from fping to VictoriaMetrics', () => {
  test('is a sample at t0, +2 s, +3 s, +4 s and at the interval, and its end is one too', async () => {
    const ping = { intervalMs: 10_000, count: 2, timeoutMs: 1_000, confirm: 3 }
    const [four, six] = [idDueIn(1, 10, 'four-'), idDueIn(1, 10, 'six-')]
    const addresses = { [four]: '198.18.20.1', [six]: '2001:db8::20' }
    await network.down(Object.values(addresses))
    {
      await using loop = start(
        ...Object.entries(addresses).map(([id, address]) => device(id, { address, ping })),
      )
      await waitFor(() => loop.told.length >= 8, { timeoutMs: 15_000, what: 'the burst' })
      await network.up(Object.values(addresses))
      await waitFor(() => loop.told.filter(({ up }) => up).length === 2, {
        timeoutMs: 15_000,
        what: 'the answers',
      })
    }
    for (const id of [four, six]) {
      const up = await read(id, 'up')
      const t0 = up[0]?.[0] ?? Number.NaN
      expect(t0 % 1000).toBe(0)
      expect((t0 / 1000) % 10).toBe(offsetOf(id, 10))
      expect(up).toEqual([
        [t0, 0],
        [t0 + 2_000, 0],
        [t0 + 3_000, 0],
        [t0 + 4_000, 0],
        [t0 + 10_000, 1],
      ])
      const ratios = (await read(id, 'loss_ratio')).map(([, value]) => value)
      expect(ratios).toEqual([1, 1, 1, 1, 0])
      expect((await read(id, 'sent')).map(([, value]) => value)).toEqual([2, 3, 3, 3, 2])
      expect((await read(id, 'received')).map(([, value]) => value)).toEqual([0, 0, 0, 0, 2])
      const rtt = await read(id, 'rtt_seconds')
      expect(rtt.map(([at]) => at)).toEqual([t0 + 10_000]) // F6
      expect(rtt[0]?.[1]).toBeGreaterThan(0)
      expect(rtt[0]?.[1]).toBeLessThan(1)
    }
  }, 60_000)

  test('of an address that two devices share is an outage of each (F5)', async () => {
    const ping = { intervalMs: 1_000, count: 1, timeoutMs: 300, confirm: 3 }
    const shared = { address: '198.18.21.1', ping }
    await network.down([shared.address])
    {
      await using loop = start(device('twin-1', shared), device('twin-2', shared))
      await waitFor(() => loop.told.length >= 4, { timeoutMs: 15_000, what: 'both outages' })
    }
    const [one, other] = [await read('twin-1', 'up'), await read('twin-2', 'up')]
    expect(one.length).toBeGreaterThanOrEqual(2)
    expect(one).toEqual(other)
    expect(one.every(([, up]) => up === 0)).toBe(true)
  }, 60_000)
})

test('2,000 addresses of one slot are all answered, slot after slot', async () => {
  const ping = { intervalMs: 1_000, count: 2, timeoutMs: 1_000, confirm: 3 }
  const ids = Array.from({ length: 2_000 }, (_, n) => `many-${n}`)
  {
    await using loop = start(
      ...ids.map((id, n) => device(id, { address: `198.18.${32 + (n >> 8)}.${n & 255}`, ping })),
    )
    const made = async () => (await loop.total('wardline_samples_made_total')) >= 6_000
    await waitFor(made, { timeoutMs: 30_000, what: 'three slots of samples' })
  }
  const rows = await exported(stores.vmUrl, 'ping_up{device=~"many-.*"}')
  expect(rows).toHaveLength(2_000)
  const points = rows.flatMap((row) => row.points)
  expect(points.length).toBeGreaterThanOrEqual(6_000)
  expect(points.filter(([, up]) => up !== 1)).toEqual([])
}, 60_000)
