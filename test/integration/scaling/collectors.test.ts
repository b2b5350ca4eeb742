import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Forward, forward } from '../../../lab/forward.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import {
  type Collector,
  INTERVAL_MS,
  type Probe,
  type Stand,
  agree,
  longestGap,
  mostInASecond,
  openStand,
  probedTwice,
} from './stand.ts'

const DEVICES = 120
const PER_SECOND = DEVICES / (INTERVAL_MS / 1_000)
/** Slots are whole seconds, and one may be the other's last while it is the next one's first. */
const SLOT_MS = 1_000

let stores: Stores
let stand: Stand
beforeAll(async () => {
  stores = await startStores()
  stand = await openStand(stores, DEVICES)
})
afterAll(async () => {
  await stand?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

/** Once so much has been stored: waiting for stamps, not for time. */
async function probedUntil(at: number, prefix: string): Promise<void> {
  await waitFor(
    async () => {
      const probes = await stand.probes({ start: at - INTERVAL_MS, end: at + 10_000 }, prefix)
      const last = Math.max(0, ...[...probes.values()].flat().map((probe) => probe.at))
      return last >= at
    },
    { timeoutMs: 40_000, intervalMs: 250, what: `probes until ${new Date(at).toISOString()}` },
  )
}

describe('four collectors as processes of their own', { timeout: 240_000 }, () => {
  test.concurrent('one that comes takes its share within 10 s, those of the dead and frozen are probed within 15 s, and whoever wakes or ends leaves neither gap nor burst (G1, G3)', async () => {
    await using stack = new AsyncDisposableStack()
    const start = async (name: string): Promise<Collector> => stack.use(await stand.start(name))
    const [a, b, c] = await Promise.all(['east-a', 'east-b', 'east-c'].map(start))
    if (a === undefined || b === undefined || c === undefined) throw new Error('three of them')
    await agree([a, b, c])

    // One comes.
    const settledAt = Date.now()
    await probedUntil(settledAt + INTERVAL_MS, 'east')
    const d = await start('east-d')
    await agree([a, b, c, d])
    const joinedAt = Date.now()
    await probedUntil(joinedAt + 2 * INTERVAL_MS + SLOT_MS, 'east')
    const joining = await stand.probes({ start: settledAt, end: joinedAt + 60_000 }, 'east')
    const first = (name: string): number =>
      Math.min(
        ...[...joining.values()].flat().flatMap(({ at, vantage }) => (vantage === name ? at : [])),
      )
    expect(first('east-d') - d.startedAt()).toBeLessThan(10_000)
    const untilNow = { start: settledAt + INTERVAL_MS, end: joinedAt + INTERVAL_MS }
    expect(longestGap(joining, stand.devices, untilNow)).toBeLessThanOrEqual(INTERVAL_MS)
    const afterwards = { start: joinedAt + SLOT_MS, end: joinedAt + 2 * INTERVAL_MS + SLOT_MS }
    expect(probedTwice(joining, afterwards)).toEqual([])

    // One is killed, and another one frozen.
    const lostAt = Date.now()
    a.process.kill('SIGKILL')
    b.process.kill('SIGSTOP')
    const byOthers = (probes: ReadonlyMap<string, readonly Probe[]>): number[] =>
      stand.devices.map(
        (device) =>
          probes.get(device)?.find(({ at, vantage }) => at > lostAt && /-[cd]$/.test(vantage))
            ?.at ?? Infinity,
      )
    const takenOver = await waitFor(
      async () => {
        const probes = await stand.probes({ start: lostAt, end: lostAt + 60_000 }, 'east')
        return byOthers(probes).every(Number.isFinite) && probes
      },
      { timeoutMs: 30_000, intervalMs: 250, what: 'the others to have probed all devices' },
    )
    expect(Math.max(...byOthers(takenOver)) - lostAt).toBeLessThan(15_000)
    await agree([c, d])

    // The frozen one wakes up.
    const awakeAt = Date.now()
    b.process.kill('SIGCONT')
    await agree([b, c, d])
    const againAt = Date.now()
    await probedUntil(againAt + INTERVAL_MS, 'east')
    const waking = await stand.probes({ start: awakeAt - 2_000, end: againAt + 60_000 }, 'east')
    const ofB = [...waking.values()].flat().filter(({ vantage }) => vantage === 'east-b')
    expect(Math.min(...ofB.map(({ at }) => at)) - awakeAt).toBeGreaterThan(2_000)
    expect(mostInASecond(waking, { start: awakeAt, end: againAt + INTERVAL_MS })).toBeLessThan(
      2 * PER_SECOND,
    )
    const awake = { start: awakeAt, end: againAt + INTERVAL_MS }
    expect(longestGap(waking, stand.devices, awake)).toBeLessThanOrEqual(INTERVAL_MS + SLOT_MS)

    // One ends as it should.
    const endedAt = Date.now()
    c.process.kill('SIGTERM')
    expect(await c.process.exited, c.process.output()).toBe(0)
    await agree([b, d], 5_000)
    await probedUntil(endedAt + 3 * INTERVAL_MS, 'east')
    const ending = await stand.probes({ start: endedAt - 2_000, end: endedAt + 60_000 }, 'east')
    const end = { start: endedAt - INTERVAL_MS, end: endedAt + 3 * INTERVAL_MS }
    expect(longestGap(ending, stand.devices, end)).toBeLessThanOrEqual(INTERVAL_MS + SLOT_MS)
  })

  test.concurrent('cut off from Redis one goes on, though others take its devices; cut off from VictoriaMetrics, one or all, or from both, their samples come later; nothing of it leaves a gap', async () => {
    await using stack = new AsyncDisposableStack()
    const toVm = { host: '127.0.0.1', port: Number(new URL(stores.vmUrl).port) }
    const redis = await cable(stack, { path: stores.redisUrl.slice('unix://'.length) })
    const [vmOfE, vmOfF] = [await cable(stack, toVm), await cable(stack, toVm)]
    const site = 'west'
    const [e, f] = await Promise.all([
      stand.start('west-e', {
        site,
        redisUrl: `redis://127.0.0.1:${redis.port}`,
        vmUrl: `http://127.0.0.1:${vmOfE.port}`,
      }),
      stand.start('west-f', { site, vmUrl: `http://127.0.0.1:${vmOfF.port}` }),
    ])
    stack.use(e)
    stack.use(f)
    const pass = async (intervals: number): Promise<void> => {
      const from = Date.now()
      await waitFor(() => Date.now() > from + intervals * INTERVAL_MS, { what: 'slots' })
    }
    await agree([e, f])
    const cutAt = Date.now()
    await probedUntil(cutAt + INTERVAL_MS, 'west')

    // One, from Redis alone; then from both, while the other takes its devices.
    await redis.cut()
    await waitFor(async () => (await e.health()).redis.startsWith('away'), {
      timeoutMs: 15_000,
      what: 'e to notice',
    })
    await vmOfE.cut()
    await waitFor(async () => (await f.health()).collectors.join() === 'west-f', {
      timeoutMs: 15_000,
      what: 'f to have all devices',
    })
    const alone = await e.health()
    expect(alone.redis).toMatch(/^away: the devices stay as they were divided/)
    expect(alone.collectors).toEqual(['west-e', 'west-f'])
    await pass(1)

    // All of them, from VictoriaMetrics.
    await vmOfF.cut()
    await redis.mend()
    await agree([e, f])
    await pass(2)
    await vmOfE.mend()
    await vmOfF.mend()
    const mendedAt = Date.now()
    const end = mendedAt + INTERVAL_MS
    await waitFor(
      async () => {
        const probes = await stand.probes({ start: cutAt, end: mendedAt + 60_000 }, 'west')
        const range = { start: cutAt + INTERVAL_MS, end }
        return longestGap(probes, stand.devices, range) <= INTERVAL_MS + SLOT_MS
      },
      { timeoutMs: 60_000, intervalMs: 500, what: 'every probe of each device to be stored' },
    )
    await probedUntil(end + 2 * INTERVAL_MS, 'west')
    const later = { start: end, end: end + 2 * INTERVAL_MS }
    expect(probedTwice(await stand.probes(later, 'west'), later)).toEqual([])
  })
})

type Cable = { readonly port: number; cut(): Promise<void>; mend(): Promise<void> }

/** A way to a store that can be cut: then it is as if nothing listened. */
async function cable(
  stack: AsyncDisposableStack,
  to: Parameters<typeof forward>[1],
): Promise<Cable> {
  const port = await freePort()
  const from = { host: '127.0.0.1', port }
  let link: Forward | null = await forward(from, to)
  stack.defer(async () => link?.[Symbol.asyncDispose]())
  return {
    port,
    async cut() {
      await link?.[Symbol.asyncDispose]()
      link = null
    },
    async mend() {
      link = await forward(from, to)
    },
  }
}
