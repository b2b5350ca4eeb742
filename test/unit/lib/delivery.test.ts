import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type Batch,
  type Delivery,
  type DeliveryMeter,
  createDelivery,
  memoryBacklog,
} from '../../../lib/delivery.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { createSpoolMark } from '../../../lib/spool/mark.ts'
import { type RecordedLog, recordLog } from '../../fakes/log.ts'
import { type FakeVictoriaMetrics, fakeVictoriaMetrics } from '../../fakes/victoria-metrics.ts'
import { waitFor } from '../../wait.ts'

let server: FakeVictoriaMetrics
let client: VictoriaMetrics
let delivery: Delivery
let log: RecordedLog
let meter: DeliveryMeter & { stored_: number; dropped_: Record<string, number>; waiting_: number }

beforeEach(async () => {
  server = await fakeVictoriaMetrics()
  client = connectVictoriaMetrics(server.url)
  log = recordLog()
  meter = {
    stored_: 0,
    dropped_: {},
    waiting_: 0,
    stored: (samples) => void (meter.stored_ += samples),
    dropped: (samples, reason) =>
      void (meter.dropped_[reason] = (meter.dropped_[reason] ?? 0) + samples),
    waiting: (bytes) => void (meter.waiting_ = bytes),
  }
  delivery = start(1_000_000)
})
afterEach(async () => {
  vi.useRealTimers()
  await delivery[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const start = (maxBytes: number): Delivery =>
  createDelivery({ victoriaMetrics: client, backlog: memoryBacklog(maxBytes), meter, log: log.log })
const lines = (body: string, samples = 1): Batch => ({
  kind: 'lines',
  body: Buffer.from(body),
  samples,
  from: 0,
})
const send = (...bodies: readonly string[]): void =>
  bodies.forEach((body) => delivery.send(lines(body)))
const stored = (): string[] => server.stored.map(({ body }) => body)
/** The same by line: what waited together comes in one request. */
const storedLines = (): string[] => stored().flatMap((body) => body.split('\n').filter(Boolean))
const settled = async (): Promise<void> => expect(await delivery.settled(9_000)).toBe(true)

describe('delivery', () => {
  test('hands batches over in their order, each to the endpoint of its kind', async () => {
    send('one')
    delivery.send({ kind: 'remote-write', body: Buffer.from('xy'), samples: 0, from: 0 })
    send('two')
    await settled()
    expect(server.stored).toEqual([
      { path: '/write', body: 'one' },
      { path: '/api/v1/write', body: 'xy' },
      { path: '/write', body: 'two' },
    ])
    expect(meter).toMatchObject({ stored_: 2, dropped_: {}, waiting_: 0 })
  })

  test.each([429, 500, 502, 503])('tries again after %i, and keeps the order', async (status) => {
    let refusals = 1
    server.answer = () => (refusals-- > 0 ? status : 204)
    send('one', 'two', 'three')
    await settled()
    expect(stored()).toEqual(['one', 'two', 'three'])
    expect(meter).toMatchObject({ stored_: 3, dropped_: {} })
  })

  test.each([401, 403, 404, 405, 407, 408])(
    'loses nothing to a URL or login that is wrong (%i), and says what to check',
    async (status) => {
      let mended = false
      server.answer = () => (mended ? 204 : status)
      send('one', 'two')
      await waitFor(() => server.count('/write') > 0, { what: 'the first try' })
      mended = true
      await settled()
      expect(stored()).toEqual(['one', 'two'])
      expect(meter).toMatchObject({ stored_: 2, dropped_: {} })
      expect(log.lines[0]).toMatchObject({
        msg: 'VictoriaMetrics takes no samples: they wait',
        reason: expect.stringContaining('check victoriametrics.url'),
      })
    },
  )

  test('waits for a VictoriaMetrics that is away, and says so once when it goes and when it is back', async () => {
    await server.stop()
    send('one', 'two')
    expect(await delivery.settled(900)).toBe(false)
    expect(meter.waiting_).toBe(6)
    await server.start()
    await settled()
    expect(stored()).toEqual(['one', 'two'])
    expect(log.lines.map(({ msg }) => msg)).toEqual([
      'VictoriaMetrics takes no samples: they wait',
      'VictoriaMetrics takes samples again',
    ])
  })

  test('drops the one batch that is refused for good, counts it and goes on', async () => {
    server.answer = ({ body }) => (body === 'bad' ? 400 : 204)
    send('one')
    delivery.send(lines('bad', 17))
    send('two')
    await settled()
    expect(stored()).toEqual(['one', 'two'])
    expect(meter).toMatchObject({ stored_: 2, dropped_: { rejected: 17 } })
    expect(log.lines.map(({ msg }) => msg)).toEqual(['VictoriaMetrics refused a batch: dropped'])
  })

  test('asks nothing twice of a VictoriaMetrics that does not tell when it started', async () => {
    server.metricsStatus = 404
    send('one', 'two')
    await settled()
    server.disconnect()
    await turn()
    send('three')
    await settled()
    expect(stored()).toEqual(['one', 'two', 'three'])
    expect(meter.dropped_).toEqual({})
    expect(server.count('/metrics')).toBeLessThanOrEqual(4)
  })

  test('past its bound drops the oldest, counts them, and delivers the newest in order', async () => {
    delivery = start(30)
    server.answer = () => 503
    for (let n = 10; n < 20; n++) delivery.send(lines(`batch-${n}`, 10)) // 8 bytes each
    await waitFor(() => server.count('/write') > 0, { what: 'the first try' })
    expect(meter.waiting_).toBeLessThanOrEqual(30)
    expect(meter.dropped_).toEqual({ overflow: 70 })
    server.answer = () => 204
    await settled()
    expect(stored()).toEqual(['batch-17', 'batch-18', 'batch-19'])
  })

  test('loses no batch that is sent while it ends: each arrives once, in order', async () => {
    const bodies = Array.from({ length: 400 }, (_, n) => `batch-${n}`)
    for (const [n, body] of bodies.entries()) {
      send(body)
      // Now at once, now after some turns, now when all before was stored.
      for (let turns = n % 4; turns > 0; turns--) await turn()
      if (n % 7 === 0) await settled()
      if (n % 50 === 0) server.disconnect()
    }
    await settled()
    expect(stored().filter((body, n, all) => all.indexOf(body) === n)).toEqual(bodies)
  })
})

test('a batch that is sent in the moment when the last one is done does not wait for another', async () => {
  const { stored: count } = meter
  meter.stored = (samples, at) => {
    count(samples, at)
    // Runs when delivery has found nothing more to do, and before it has ended.
    if (meter.stored_ === 1) queueMicrotask(() => send('two'))
  }
  send('one')
  await waitFor(() => server.stored.length === 2, { timeoutMs: 2_000, what: 'the second batch' })
  await settled()
})

describe('a VictoriaMetrics that restarted', () => {
  test('is sent its last minute again, in order, beside what is new', async () => {
    send('one', 'two')
    await settled()
    await server.stop()
    await server.start()
    send('three')
    await settled()
    expect(stored().filter((body) => body !== 'three')).toEqual(['one', 'two', 'one\ntwo\n'])
    expect(stored()).toContain('three')
    expect(meter.dropped_).toEqual({})
  })

  test('so quickly that no write failed: the same', async () => {
    send('one')
    await settled()
    await server.stop()
    await server.start()
    await waitFor(() => server.count('/metrics') > 1, { what: 'the question when it started' })
    await settled()
    send('two')
    await settled()
    expect(stored()).toEqual(['one', 'one', 'two'])
  })

  test('twice: what it got again is sent again', async () => {
    send('one')
    await settled()
    for (const next of ['two', 'three']) {
      server.forget()
      await server.stop()
      await server.start()
      send(next)
      await settled()
    }
    // Some of it more than once, maybe: a restart is seen when a connection broke, not at the write after it.
    expect([...new Set(storedLines())].sort()).toEqual(['one', 'three', 'two'])
  })

  test('and is away again while it gets that: nothing is missing afterwards', async () => {
    send('one', 'two', 'three')
    await settled()
    await server.stop()
    server.forget()
    let taken = 0
    server.answer = () => (++taken === 2 ? 503 : 204)
    await server.start()
    send('four')
    await settled()
    expect([...new Set(storedLines())].sort()).toEqual(['four', 'one', 'three', 'two'])
  })

  test('is not sent what is older than a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'], now: 0 })
    send('old')
    await settled()
    vi.setSystemTime(61_000)
    vi.advanceTimersByTime(61_000)
    send('new')
    await settled()
    await server.stop()
    server.forget()
    await server.start()
    send('newer')
    await settled()
    expect([...new Set(storedLines())].sort()).toEqual(['new', 'newer'])
  })

  test('is told apart from a connection that broke', async () => {
    send('one')
    await settled()
    server.disconnect()
    await waitFor(() => server.count('/metrics') > 1, { what: 'the question when it started' })
    send('two')
    await settled()
    expect(stored()).toEqual(['one', 'two'])
  })
})

describe('while another process does the work', () => {
  let isTurn = true
  beforeEach(async () => {
    isTurn = true
    await delivery[Symbol.asyncDispose]()
    delivery = createDelivery({
      victoriaMetrics: client,
      backlog: memoryBacklog(1_000_000),
      meter,
      log: log.log,
      mayWrite: () => isTurn,
    })
  })

  test('nothing is sent, and what would be is counted', async () => {
    isTurn = false
    delivery.send(lines('one', 3))
    await settled()
    expect(stored()).toEqual([])
    expect(meter.dropped_).toEqual({ not_leader: 3 })
  })

  test('what waits is dropped, and does not come after all', async () => {
    server.answer = () => 503
    delivery.send(lines('one', 3))
    await waitFor(() => server.count('/write') > 0, { what: 'the first try' })
    isTurn = false
    await settled()
    isTurn = true
    server.answer = () => 204
    send('two')
    await settled()
    expect(stored()).toEqual(['two'])
    expect(meter.dropped_).toEqual({ not_leader: 3 })
  })
})

describe('the mark of samples that wait', () => {
  test('stands before the live ones, and is taken back when all that waited is stored', async () => {
    await delivery[Symbol.asyncDispose]()
    delivery = createDelivery({
      victoriaMetrics: client,
      backlog: memoryBacklog(1_000_000, 'lab'),
      meter,
      log: log.log,
      mark: createSpoolMark('lab'),
    })
    await server.stop()
    delivery.send({ ...lines('one'), from: 1_767_225_600_500 })
    await waitFor(() => meter.waiting_ > 0 && log.lines.length > 0, { what: 'the first try' })
    await server.start()
    await settled()
    const marks = () => storedLines().flatMap((line) => /from_seconds=(\d+)/.exec(line)?.[1] ?? [])
    await waitFor(() => marks().at(-1) === '0', { what: 'the mark that nothing waits' })
    expect(storedLines().findIndex((line) => line.includes('1767225600'))).toBeLessThan(
      storedLines().indexOf('one'),
    )
  })
})

describe('what a process before this one left, acknowledged', () => {
  /** The marks that were written until all of it is done with. */
  async function marksOf(storedBy: number): Promise<string[]> {
    await delivery[Symbol.asyncDispose]()
    const backlog = memoryBacklog(1_000_000, 'lab')
    backlog.add({ ...lines('left'), from: 1_767_225_600_500 }, storedBy)
    delivery = createDelivery({
      victoriaMetrics: client,
      backlog,
      meter,
      log: log.log,
      mark: createSpoolMark('lab'),
    })
    send('new')
    await waitFor(() => backlog.size === 0, { what: 'nothing to wait' })
    await settled()
    return storedLines().flatMap((line) => /from_seconds=(\d+)/.exec(line)?.[1] ?? [])
  }

  test('by this VictoriaMetrics is neither sent again nor a hole that is told of', async () => {
    const startedAt = await client.startedAt()
    expect(new Set(await marksOf(startedAt))).toEqual(new Set(['0']))
    expect(storedLines()).not.toContain('left')
  })

  test('by one before it is both', async () => {
    const startedAt = await client.startedAt()
    expect((await marksOf(startedAt - 1))[0]).toBe('1767225600')
    expect(storedLines()).toContain('left')
  })
})

describe('settled', () => {
  test('is true at once when nothing waits', async () => {
    expect(await delivery.settled(0)).toBe(true)
  })

  test('is false when the store takes too long, true once it has all', async () => {
    const gate = Promise.withResolvers<number>()
    server.answer = () => gate.promise
    send('one')
    expect(await delivery.settled(100)).toBe(false)
    gate.resolve(204)
    await settled()
    expect(stored()).toEqual(['one'])
  })

  test('answers each of many who wait', async () => {
    send('one', 'two')
    expect(await Promise.all([delivery.settled(9_000), delivery.settled(9_000)])).toEqual([
      true,
      true,
    ])
    expect(stored()).toEqual(['one', 'two'])
  })
})

describe('at the end', () => {
  test('what waits is stored first', async () => {
    send('one', 'two', 'three')
    await delivery[Symbol.asyncDispose]()
    expect(stored()).toEqual(['one', 'two', 'three'])
    expect(meter.dropped_).toEqual({})
  })

  test('what can not be stored in 3 s is given up, and counted', async () => {
    server.answer = () => 503
    delivery.send(lines('one', 3))
    delivery.send(lines('two', 4))
    const startedAt = performance.now()
    await delivery[Symbol.asyncDispose]()
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(meter.dropped_).toEqual({ shutdown: 7 })
  })

  test('a store that never answers holds nobody up', async () => {
    server.answer = () => new Promise(() => {})
    delivery.send(lines('one', 3))
    const startedAt = performance.now()
    await delivery[Symbol.asyncDispose]()
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(meter.dropped_).toEqual({ shutdown: 3 })
  })
})
