import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Backlog,
  type Delivery,
  createDelivery,
  memoryBacklog,
} from '../../../lib/delivery.ts'
import { STALE, encodeWriteRequest } from '../../../lib/remote-write.ts'
import { openSpool } from '../../../lib/spool/spool.ts'
import { recordLog } from '../../fakes/log.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { exported } from './exported.ts'

/** Where samples wait: each test is about both, side by side, so that each kill serves twice. */
const KINDS = ['memory', 'disk'] as const
type Kind = (typeof KINDS)[number]

let stores: Stores
let folder: string
let deliveries: Record<Kind, Delivery>
let dropped: Record<Kind, number>
beforeEach(async () => {
  stores = await startStores()
  folder = await mkdtemp(join(tmpdir(), 'wardline-spool-'))
  dropped = { memory: 0, disk: 0 }
  sent = 0
  deliveries = {
    memory: deliver('memory', memoryBacklog(10_000_000)),
    disk: deliver('disk', await spool()),
  }
})
afterEach(async () => {
  for (const kind of KINDS) await deliveries[kind][Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const deliver = (kind: Kind, backlog: Backlog): Delivery =>
  createDelivery({
    victoriaMetrics: stores.victoriaMetrics,
    backlog,
    meter: { stored() {}, waiting() {}, dropped: (samples) => void (dropped[kind] += samples) },
    log: recordLog().log,
  })

const spool = (): Promise<Backlog> =>
  openSpool({
    base: folder,
    instance: 'test',
    origin: 'lab',
    maxBytes: 10_000_000,
    bufferBytes: 1_000_000,
    hasJournal: true,
    meter: { state() {}, corrupt() {}, replayed() {}, unkept() {} },
    log: recordLog().log,
  })

// Stamps a second apart in the past, as many as are sent: one can't stand for another.
const FIRST_AT = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
let sent = 0

function send(): void {
  const from = FIRST_AT + sent * 1_000
  for (const kind of KINDS) {
    const body = Buffer.from(`ping,device=${kind} up=${sent} ${from}\n`)
    deliveries[kind].send({ kind: 'lines', body, samples: 1, from })
  }
  sent++
}

const settled = async (timeoutMs: number): Promise<boolean> => {
  const all = await Promise.all(KINDS.map((kind) => deliveries[kind].settled(timeoutMs)))
  return all.every(Boolean)
}

/** Everything that was sent so far, each sample once, with its own value and stamp. */
async function expectAll(): Promise<void> {
  expect(await settled(20_000)).toBe(true)
  await stores.victoriaMetrics.flush()
  const series = await exported(stores.vmUrl, 'ping_up')
  const points = Array.from({ length: sent }, (_, n) => [FIRST_AT + n * 1_000, n])
  expect(Object.fromEntries(series.map((each) => [each.labels['device'], each.points]))).toEqual({
    memory: points,
    disk: points,
  })
  expect(dropped).toEqual({ memory: 0, disk: 0 })
}

/** Kills VictoriaMetrics, which takes what it has only in memory with it; the keeper starts it again. */
async function kill(): Promise<void> {
  await pastItsFirstSecond()
  const { victoriaMetrics } = stores.pids()
  process.kill(victoriaMetrics ?? Number.NaN, 'SIGKILL')
  await waitFor(() => ![null, victoriaMetrics].includes(stores.pids().victoriaMetrics), {
    what: 'another VictoriaMetrics',
  })
}
/** A start is known by its second: two in one second look like one. */
async function pastItsFirstSecond(): Promise<void> {
  const startedAt = await stores.victoriaMetrics.startedAt()
  await waitFor(() => Date.now() / 1000 >= startedAt + 1, { what: 'the second after its start' })
}
const isBack = (): Promise<true> =>
  waitFor(() => stores.victoriaMetrics.healthy(), { what: 'VictoriaMetrics to answer' })

describe('VictoriaMetrics killed with -9, whether what waits is in memory or on disk (F7, B2)', () => {
  test('in the middle of writing: everything it had acknowledged is there afterwards, once (F8)', async () => {
    for (let n = 0; n < 120; n++) {
      send()
      if (n === 60) await kill()
      await delay(20)
    }
    await expectAll()
  }, 60_000)

  test('while nothing was sent, and back before anybody noticed: the same', async () => {
    for (let n = 0; n < 20; n++) send()
    expect(await settled(5_000)).toBe(true)
    await kill()
    await isBack()
    send()
    await expectAll()
  }, 60_000)

  test('three times over: the same', async () => {
    for (let times = 0; times < 3; times++) {
      for (let n = 0; n < 10; n++) send()
      await settled(10_000)
      await kill()
      for (let n = 0; n < 10; n++) send()
    }
    await isBack()
    await expectAll()
  }, 60_000)

  test('after a series ended: the marker is there again too', async () => {
    const at = Math.floor(Date.now() / 1000) * 1000 - 10_000
    for (const kind of KINDS) {
      const body = Buffer.from(`device,device=${kind} info=1 ${at}\n`)
      deliveries[kind].send({ kind: 'lines', body, samples: 1, from: at })
      const labels = { __name__: 'device_info', device: kind }
      const marker = encodeWriteRequest([{ labels, value: STALE, at: at + 1_000 }])
      deliveries[kind].send({ kind: 'remote-write', body: marker, samples: 0, from: at })
    }
    expect(await settled(5_000)).toBe(true)
    await kill()
    await isBack()
    send()
    expect(await settled(10_000)).toBe(true)
    await stores.victoriaMetrics.flush()
    const shown = async (when: number) =>
      (await stores.victoriaMetrics.query('device_info', { at: when })).length
    expect([await shown(at), await shown(at + 1_000)]).toEqual([2, 0])
  }, 60_000)
})

test('what could not be stored at the end is stored by the next process, in order, and the disk is empty then', async () => {
  for (let n = 0; n < 20; n++) send()
  expect(await settled(5_000)).toBe(true)
  const { victoriaMetrics } = stores.pids()
  process.kill(victoriaMetrics ?? Number.NaN, 'SIGSTOP') // no answer: neither stored nor refused
  for (let n = 0; n < 20; n++) send()
  await deliveries.disk[Symbol.asyncDispose]()
  process.kill(victoriaMetrics ?? Number.NaN, 'SIGCONT')
  expect(dropped.disk).toBe(0)
  const next = await spool()
  expect(next.samples).toBeGreaterThan(0)
  deliveries.disk = deliver('disk', next)
  await waitFor(() => next.size === 0, { what: 'the spool to be empty' })
  await expectAll()
  await deliveries.disk[Symbol.asyncDispose]()
  expect(await readdir(folder)).toEqual([])
}, 60_000)

test('what was sent last is stored at the end', async () => {
  for (let n = 0; n < 50; n++) send()
  for (const kind of KINDS) await deliveries[kind][Symbol.asyncDispose]()
  await expectAll()
})
