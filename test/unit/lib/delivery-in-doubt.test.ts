import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Delivery, createDelivery, memoryBacklog } from '../../../lib/delivery.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { recordLog } from '../../fakes/log.ts'
import { type FakeVictoriaMetrics, fakeVictoriaMetrics } from '../../fakes/victoria-metrics.ts'
import { waitFor } from '../../wait.ts'

let server: FakeVictoriaMetrics
let client: VictoriaMetrics
let delivery: Delivery

beforeEach(async () => {
  server = await fakeVictoriaMetrics()
  client = connectVictoriaMetrics(server.url)
  delivery = createDelivery({
    victoriaMetrics: client,
    backlog: memoryBacklog(1_000_000),
    meter: { stored() {}, dropped() {}, waiting() {} },
    log: recordLog().log,
  })
})
afterEach(async () => {
  await delivery[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const send = (...bodies: readonly string[]): void =>
  bodies.forEach((body) =>
    delivery.send({ kind: 'lines', body: Buffer.from(body), samples: 1, from: 0 }),
  )
const stored = (): string[] => server.stored.map(({ body }) => body)
const storedLines = (): string[] => stored().flatMap((body) => body.split('\n').filter(Boolean))
const settled = async (): Promise<void> => expect(await delivery.settled(9_000)).toBe(true)

describe('a VictoriaMetrics that does not tell when it started', () => {
  beforeEach(() => void (server.metricsStatus = 404))

  test.each([500, 502, 503])(
    'is sent its last minute again after it answered %i',
    async (status) => {
      send('one', 'two')
      await settled()
      server.forget()
      let refusals = 1
      server.answer = () => (refusals-- > 0 ? status : 204)
      send('three')
      await settled()
      await waitFor(() => storedLines().length >= 3, { what: 'what it may have lost' })
      expect([...new Set(storedLines())].sort()).toEqual(['one', 'three', 'two'])
    },
  )

  test('and could not be reached: the same', async () => {
    send('one')
    await settled()
    await server.stop()
    server.forget()
    send('two')
    expect(await delivery.settled(500)).toBe(false)
    await server.start()
    await settled()
    expect([...new Set(storedLines())].sort()).toEqual(['one', 'two'])
  })

  test('is not sent it again where it only wants to be asked less', async () => {
    send('one')
    await settled()
    let refusals = 1
    server.answer = () => (refusals-- > 0 ? 429 : 204)
    send('two')
    await settled()
    expect(stored()).toEqual(['one', 'two'])
  })
})

test('a connection on which no answer comes makes nothing live later than 5 s', async () => {
  let isMute = true
  server.answer = () => {
    if (!isMute) return 204
    isMute = false
    return new Promise<number>(() => {})
  }
  const sentAt = performance.now()
  send('one')
  await settled()
  expect(performance.now() - sentAt).toBeLessThan(5_000)
  expect(stored()).toEqual(['one'])
}, 15_000)

test('a VictoriaMetrics that answers slowly is not sent the same again and again', async () => {
  server.answer = async () => {
    await delay(6_000)
    return 204
  }
  send('slow')
  expect(await delivery.settled(30_000)).toBe(true)
  // Twice in vain for 4 s, and once for longer.
  expect(server.count('/write')).toBeLessThanOrEqual(3)
}, 40_000)
