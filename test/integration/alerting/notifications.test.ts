import { describe, expect, test } from 'vitest'
import { createNotificationLog } from '../../../alerting/notify/log.ts'
import { emptyEntry } from '../../../alerting/notify/log-entry.ts'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { createLog } from '../../../lib/log.ts'
import { device } from '../../fakes/inventory.ts'
import { startStores } from '../../stores.ts'
import { alertOf } from '../../unit/alerting/notify/alerts.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, inShort, startReceiver } from './receiver.ts'
import { START, type Simulation, pings, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

const router = device('router-1')
const BOTH = ['firing DeviceDown router-1', 'resolved DeviceDown router-1']

const told = (receiver: TestReceiver): string[] =>
  inShort(receiver.accepted().filter(({ labels }) => labels['alertname'] === 'DeviceDown'))
const keys = (receiver: TestReceiver) =>
  receiver.requests.map(({ headers }) => String(headers['idempotency-key']))

/** Down from `START + MINUTE` to `START + 5 * MINUTE`. */
async function outage(sim: Simulation, end = 10 * MINUTE): Promise<void> {
  await sim.ping(pings(router, true, START, START + MINUTE))
  await sim.ping(pings(router, false, START + MINUTE, START + 5 * MINUTE))
  await sim.ping(pings(router, true, START + 5 * MINUTE, START + end))
}

/** While the engine's time passes, what was sent is answered, which takes real time. */
async function runSlowly(sim: Simulation, until: number, done: () => boolean): Promise<void> {
  while (sim.now() < until && !done()) {
    await sim.runUntil(sim.now() + 10 * SECOND)
    await sim.delivered()
  }
}

describe('a receiver that is down during a whole outage', () => {
  test.each<[string, number | 'hang']>([
    ['answers 500', 500],
    ['does not answer', 'hang'],
  ])('and %s is told of it once, and of its end, in order (C10)', async (_, how) => {
    await using receiver = await startReceiver()
    await using other = await startReceiver()
    await using sim = await simulate({
      devices: [router],
      receivers: [{ url: receiver.url }, { url: other.url, name: 'other' }],
    })
    receiver.behave(how)
    await outage(sim, 30 * MINUTE)
    await sim.start()
    await sim.runUntil(START + 8 * MINUTE)
    await waitFor(() => told(other).length === 2)
    expect(told(other)).toEqual(BOTH)
    expect(told(receiver)).toEqual([])

    receiver.behave(200)
    await waitFor(() => receiver.requests.length > 0)
    await runSlowly(sim, START + 30 * MINUTE, () => told(receiver).length >= 2)
    expect(told(receiver)).toEqual(BOTH)
    expect(new Set(keys(receiver)).size).toBe(2)
  })

  test('goes on under the same key when the engine restarts in the middle (C10)', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    receiver.behave(500)
    await outage(sim, 30 * MINUTE)
    await sim.start()
    for (let count = 0; count < 5; count++) {
      await runSlowly(sim, sim.now() + MINUTE, () => false)
      await sim.stop()
      await sim.start()
    }
    expect(new Set(keys(receiver)).size).toBe(1)
    expect(keys(receiver).length).toBeGreaterThan(5)
    receiver.behave(200)
    await runSlowly(sim, START + 30 * MINUTE, () => told(receiver).length >= 2)
    expect(told(receiver)).toEqual(BOTH)
    expect(new Set(keys(receiver)).size).toBe(2)
  })
})

test('a message that arrived although nobody saw its answer is sent again under its key, not told twice', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  await outage(sim)
  await sim.start()
  receiver.behave('hang') // it has the message, and the engine ends before the answer
  await sim.runUntil(START + 2 * MINUTE)
  await waitFor(() => receiver.requests.length === 1)
  await sim.stop()
  receiver.behave(200)
  await sim.start()
  await waitFor(() => receiver.requests.length === 2)
  expect(new Set(keys(receiver)).size).toBe(1)
  expect(told(receiver)).toEqual(BOTH.slice(0, 1))
})

test('Redis killed with -9 during an outage: nothing is told twice, and the end is told', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  await outage(sim)
  await sim.start()
  await sim.runUntil(START + 2 * MINUTE)
  await waitFor(() => told(receiver).length === 1)
  await waitFor(async () => (await sim.stores.redis.keys('wardline:nflog:*')).length === 1)
  const before = sim.stores.pids().redis
  process.kill(before ?? Number.NaN, 'SIGKILL')
  await sim.runUntil(START + 3 * MINUTE)
  await waitFor(() => sim.stores.pids().redis !== before && sim.stores.redis.status === 'ready')
  await sim.stop()
  await sim.start()
  await sim.runUntil(START + 6 * MINUTE)
  await waitFor(() => told(receiver).length >= 2)
  expect(told(receiver)).toEqual(BOTH)
  expect(receiver.requests).toHaveLength(2)
})

test('without Redis, telling goes on', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  sim.stores.redis.disconnect()
  await outage(sim)
  await sim.start()
  await sim.runUntil(START + 6 * MINUTE)
  await waitFor(() => told(receiver).length >= 2)
  expect(told(receiver)).toEqual(BOTH)
})

test('told without Redis by a process that is gone, over since: who was told is told the end (C11)', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  sim.stores.redis.disconnect()
  await outage(sim)
  await sim.start()
  await sim.runUntil(START + 2 * MINUTE)
  await waitFor(() => told(receiver).length === 1)
  await sim.stop()
  sim.skipTo(START + 6 * MINUTE)
  await sim.start()
  await runSlowly(sim, START + 8 * MINUTE, () => told(receiver).length >= 2)
  expect(told(receiver)).toEqual(BOTH)
  expect(receiver.accepted().map(({ startsAt }) => startsAt)).toEqual(
    Array.from({ length: 2 }, () => new Date(START + MINUTE).toISOString()),
  )
})

test('told without Redis by a process that is gone, and lasting: it is told again under its key, and ended once', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  sim.stores.redis.disconnect()
  const downAt = START + MINUTE + 1_234
  await sim.ping(pings(router, true, START, downAt))
  await sim.ping(pings(router, false, downAt, START + 6 * MINUTE))
  await sim.ping(pings(router, true, START + 6 * MINUTE, START + 10 * MINUTE))
  await sim.start()
  await sim.runUntil(START + 2 * MINUTE)
  await waitFor(() => told(receiver).length === 1)
  await sim.stop()
  sim.skipTo(START + 4 * MINUTE)
  await sim.start()
  await runSlowly(sim, START + 9 * MINUTE, () => told(receiver).length >= 2)
  expect(told(receiver)).toEqual(BOTH)
  const [first, again, end] = keys(receiver)
  expect([again === first, end === first]).toEqual([true, false])
})

describe('rules of one’s own beside the built-in ones', () => {
  const own = (...rules: RuleGroup['rules']): RuleGroup => ({
    name: 'own',
    file: '',
    intervalMs: 15_000,
    rules,
  })
  const fine = { severity: 'info' as const, annotations: {} }

  test('one that VictoriaMetrics refuses stops no other (C8)', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({
      devices: [router],
      receivers: [{ url: receiver.url }],
      groups: (defaults) => [
        ...defaults,
        own(
          { ...fine, alert: 'Broken', expr: 'sum(' },
          { ...fine, alert: 'Fine', expr: 'vector(1)' },
        ),
      ],
    })
    await outage(sim)
    await sim.start()
    await sim.runUntil(START + 2 * MINUTE)
    await waitFor(() => receiver.accepted().length >= 2)
    expect(inShort(receiver.accepted()).toSorted()).toEqual([
      'firing DeviceDown router-1',
      'firing Fine',
    ])
  })

  test('one that is deleted or renamed while it fires has its alert ended (C5)', async () => {
    await using receiver = await startReceiver()
    let name = 'Before'
    await using sim = await simulate({
      devices: [router],
      receivers: [{ url: receiver.url }],
      groups: (defaults) => [...defaults, own({ ...fine, alert: name, expr: 'vector(1)' })],
    })
    await sim.start()
    await sim.runUntil(START + 4 * SECOND)
    await waitFor(() => receiver.accepted().length >= 1)
    await sim.stop()
    name = 'After'
    await sim.start()
    await sim.runUntil(START + 20 * SECOND)
    await waitFor(() => receiver.accepted().length >= 3)
    expect(inShort(receiver.accepted()).toSorted()).toEqual([
      'firing After',
      'firing Before',
      'resolved Before',
    ])
    const left = (await sim.query('ALERTS')).map(({ labels }) => labels['alertname'])
    expect(left).toEqual(['After'])
  })

  test('a pending alert goes on pending over a restart: its for is not begun anew', async () => {
    await using sim = await simulate({
      devices: [router],
      groups: (defaults) => [
        ...defaults,
        own({ ...fine, alert: 'Slow', expr: 'vector(1)', forMs: 2 * MINUTE }),
      ],
    })
    const state = async () =>
      (await sim.query('ALERTS{alertname="Slow"}')).map(({ labels }) => labels['alertstate'])
    await sim.start()
    await sim.runUntil(START + 90 * SECOND)
    await sim.stop()
    await sim.start()
    await sim.runUntil(START + 105 * SECOND)
    expect(await state()).toEqual(['pending'])
    await sim.runUntil(START + 2 * MINUTE)
    expect(await state()).toEqual(['firing'])
    const [since] = await sim.query('ALERTS_FOR_STATE{alertname="Slow"}')
    expect(since?.value).toBe(START / 1000)
  })

  test('a record rule writes its series, and ends it', async () => {
    await using sim = await simulate({
      devices: [router],
      groups: (defaults) => [
        ...defaults,
        own({
          record: 'branch:up:sum',
          expr: 'sum by (branch) (ping_up[15s] == 1)',
          labels: { by: 'own' },
        }),
      ],
    })
    await sim.ping(pings(router, true, START, START + MINUTE))
    await sim.start()
    await sim.runUntil(START + MINUTE)
    expect(await sim.query('branch:up:sum')).toMatchObject([
      { labels: { branch: 'Vake', by: 'own' }, value: 1 },
    ])
    await sim.runUntil(START + 2 * MINUTE)
    expect(await sim.query('branch:up:sum')).toEqual([])
  })
})

describe('the notification log in Redis', () => {
  test('gives back what was saved, by receiver, and forgets what owes nothing', async () => {
    await using stores = await startStores()
    const log = createNotificationLog(stores.redis, createLog('silent'))
    const entry = {
      ...emptyEntry({ device: 'a' }),
      told: [{ ...alertOf('a', START), revisedAt: 0 }],
      toldAt: START,
    }
    await log.save('ops: *?[x]', 'group "1"', entry, 0)
    await log.save('ops', 'group 2', { ...entry, told: [] }, 0)
    await log.save('ops', 'group 3', entry, 0)
    await log.save('ops', 'group 3', emptyEntry({}), 0)
    expect(await log.load('ops: *?[x]')).toEqual(new Map([['group "1"', entry]]))
    expect(await log.load('ops')).toEqual(new Map())
  })

  test.each([
    ['five days', 0, 5 * 24 * HOUR],
    ['as long as it may take to be told again', 40 * 24 * HOUR, 40 * 24 * HOUR],
  ])('keeps an entry for %s', async (_, keepMs, expectedMs) => {
    await using stores = await startStores()
    const log = createNotificationLog(stores.redis, createLog('silent'))
    const entry = {
      ...emptyEntry({ device: 'a' }),
      told: [{ ...alertOf('a', START), revisedAt: 0 }],
      toldAt: START,
    }
    await log.save('ops', 'group', entry, keepMs)
    const [key = ''] = await stores.redis.keys('wardline:nflog:*')
    const leftMs = (await stores.redis.ttl(key)) * SECOND
    expect(leftMs).toBeGreaterThan(expectedMs - MINUTE)
    expect(leftMs).toBeLessThanOrEqual(expectedMs)
  })
})
