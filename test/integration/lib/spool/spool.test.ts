import { readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { STALE, encodeWriteRequest } from '../../../../lib/remote-write.ts'
import { findRecords } from '../../../../lib/spool/record.ts'
import type { Spool } from '../../../../lib/spool/spool.ts'
import { waitFor } from '../../../wait.ts'
import { type SpoolStand, batch, bodies, drain, openSpoolStand } from './stand.ts'

let stand: SpoolStand
const opened: Spool[] = []
beforeEach(async () => void (stand = await openSpoolStand()))
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close()
  await stand[Symbol.asyncDispose]()
})

async function open(options: Parameters<SpoolStand['open']>[0] = {}): Promise<Spool> {
  const spool = await stand.open(options)
  opened.push(spool)
  return spool
}

/** Until what was added is on disk. */
async function written(spool: Spool): Promise<void> {
  await waitFor(async () => (await spool.read())?.isKept === true, { what: 'the disk' })
}
/** As kill -9 leaves it: the files as they are, the owner's process gone; silent for more than a minute, or not yet. */
async function leftAlone(isSilent = true): Promise<string[]> {
  const [folder = ''] = await readdir(stand.base)
  await rename(join(stand.base, folder), join(stand.base, 'left'))
  const owner = { pidNamespace: 'another', process: { pid: 1, startTicks: 1, bootId: 'x' } }
  await writeFile(join(stand.base, 'left/owner.json'), JSON.stringify(owner))
  if (isSilent) await silence()
  return await stand.segments()
}
const silence = () => {
  const past = new Date(Date.now() - 61_000)
  return utimes(join(stand.base, 'left/owner.json'), past, past)
}
const long = (n: number) => `ping,device=device-${n},branch=Vake up=1 ${n}\n`.repeat(40)

describe('the spool', () => {
  test('gives back what it was given, in order, small or large, whatever it is', async () => {
    const spool = await open()
    const labels = { __name__: 'device_info', device: 'a' }
    const marker = Buffer.from(encodeWriteRequest([{ labels, value: STALE, at: 1_000 }]))
    const given = [
      batch('short\n'),
      batch(long(1), { samples: 40, from: 2_000 }),
      batch('', { kind: 'remote-write', body: marker, samples: 0 }),
    ]
    given.forEach((one) => spool.add(one))
    expect([spool.size, spool.samples]).toEqual([3, 41])
    await written(spool)
    const reading = await spool.read()
    expect(
      reading?.waiting.map((one) => ({ ...one.batch, body: Buffer.from(one.batch.body) })),
    ).toEqual(given)
  })

  test('is read by the next process from where this one had come to, a minute back (F8)', async () => {
    const spool = await open()
    for (let n = 0; n < 5; n++) spool.add(batch(`${n}\n`))
    await written(spool)
    const reading = await spool.read()
    if (reading !== null) spool.done(reading)
    spool.add(batch('later\n'))
    await spool.close()
    // Acknowledged, but a VictoriaMetrics that is killed now would lose it.
    expect(await drain(await open())).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n', 'later\n'])
  })

  test('leaves nothing on disk once all is stored', async () => {
    const spool = await open()
    const ticket = spool.add(batch('live after all\n'))
    await written(spool)
    spool.settle(ticket)
    expect([spool.size, spool.samples, await spool.read()]).toEqual([0, 0, null])
    await spool.close()
    expect(await readdir(stand.base)).toEqual([])
  })

  test('gives again what was done, once VictoriaMetrics has restarted', async () => {
    const spool = await open()
    spool.add(batch('a\n'))
    await written(spool)
    const reading = await spool.read()
    if (reading !== null) spool.done(reading)
    expect(spool.size).toBe(0)
    spool.rewind()
    expect(bodies(await spool.read())).toEqual(['a\n'])
  })

  test('does not take for done what was acknowledged before a restart that it knows of by then', async () => {
    const spool = await open()
    spool.add(batch('a\n'))
    await written(spool)
    const reading = await spool.read()
    spool.rewind()
    if (reading !== null) spool.done(reading)
    expect(bodies(await spool.read())).toEqual(['a\n'])
  })

  test('knows the oldest sample that waits, and of which vantage', async () => {
    const left = await open({ origin: 'gone' })
    left.add(batch('old\n', { from: 5_000 }))
    await left.close()
    const spool = await open()
    expect([...spool.oldest()]).toEqual([['gone', 5_000]])
    spool.add(batch('newer\n', { from: 9_000 }))
    spool.add(batch('new, with an older sample\n', { from: 8_000 }))
    expect(Object.fromEntries(spool.oldest())).toEqual({ gone: 5_000, lab: 8_000 })
  })

  test.each([
    ['on disk, whole', {}, 10_000_000],
    ['on disk, less what is kept of the acknowledged', { hasJournal: true }, 9_375_000],
    ['in memory where there is no disk', { maxBytes: 0 }, 1_000_000],
  ])('says how much has room in it: %s', async (_, options, room) => {
    const said: { bytes: number; limitBytes: number }[] = []
    const meter = {
      state: (state: (typeof said)[number]) => said.push(state),
      replayed() {},
      unkept() {},
      corrupt() {},
    }
    const spool = await open({ ...options, meter })
    expect(said.at(-1)).toMatchObject({ bytes: 0, limitBytes: room })
    spool.add(batch(long(1)))
    await waitFor(() => (said.at(-1)?.bytes ?? 0) > 0, { what: 'what waits' })
    expect(said.at(-1)?.limitBytes).toBe(room)
  })

  test('past its bound drops whole segments, the oldest first, and counts what was in them', async () => {
    const spool = await open({ maxBytes: 1_048_576 })
    let lost = 0
    spool.onLoss((samples) => (lost += samples))
    const total = 200
    for (let n = 1; n <= total; n++) {
      // Random: zstd makes nothing of it.
      spool.add(batch('', { body: crypto.getRandomValues(Buffer.alloc(30_000)) }))
      if (n % 10 === 0) await written(spool)
    }
    await waitFor(() => lost > 0 && spool.size + lost === total, {
      what: 'the count of what is gone',
    })
    expect(spool.size).toBeGreaterThanOrEqual(10)
    await spool.close()
    const paths = await stand.segments()
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1_048_576)
  })
})

describe('a spool that was not closed: its process was killed', () => {
  async function crashed(lines: readonly string[]): Promise<string[]> {
    const spool = await open()
    for (const line of lines) spool.add(batch(line))
    await written(spool)
    return await leftAlone(false)
  }
  test('is taken over once it was silent for a minute, and not before', async () => {
    await crashed(['a\n', 'b\n'])
    expect((await open()).size).toBe(0)
    await silence()
    expect(await drain(await open())).toEqual(['a\n', 'b\n'])
  })

  test('is taken over by one of several that start at once', async () => {
    await crashed(['a\n', 'b\n'])
    await silence()
    const all = await Promise.all([open(), open(), open()])
    expect(all.map(({ size }) => size).toSorted((a, b) => a - b)).toEqual([0, 0, 2])
  })

  test('with a torn last record: the others are there, and it is counted (F7)', async () => {
    const [path = ''] = await crashed(['a\n', 'b\n', 'c\n'])
    const bytes = await readFile(path)
    await writeFile(path, bytes.subarray(0, -1))
    await silence()
    expect(await drain(await open())).toEqual(['a\n', 'b\n'])
    expect(stand.corrupt()).toBe(1)
  })

  test('with garbage in it: what is whole is there, and nothing breaks', async () => {
    const [path = ''] = await crashed(['a\n', 'b\n', 'c\n'])
    const bytes = await readFile(path)
    bytes.fill(0xff, bytes.indexOf('b\n') - 20, bytes.indexOf('b\n') + 1)
    await writeFile(path, bytes)
    await writeFile(join(path, '../00000000000001-x.spool'), 'no segment at all')
    await writeFile(join(path, '../positions.json'), '{"broken')
    await silence()
    expect(await drain(await open())).toEqual(['a\n', 'c\n'])
    expect(stand.corrupt()).toBe(2)
  })
})

describe('what VictoriaMetrics acknowledged', () => {
  const kept = async (spool: Spool, bytes: number): Promise<void> => {
    await waitFor(async () => (await diskBytes()) >= bytes, { what: 'it to be on disk' })
    expect([spool.size, spool.samples, await spool.read()]).toEqual([0, 0, null])
  }
  async function diskBytes(): Promise<number> {
    const paths = await stand.segments()
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  /** Not packed, and a record of its own with its header. */
  const RECORD_BYTES = 42

  test('is on disk for a minute and waits for nothing; a process after a crash has it, and who acknowledged it', async () => {
    const spool = await open({ hasJournal: true })
    spool.keep(batch('a\n', { from: 5_000 }), 17)
    spool.keep(batch('b\n', { from: 6_000 }), 18)
    await kept(spool, 3 * RECORD_BYTES)
    await leftAlone()
    const next = await open()
    const reading = await next.read()
    expect(bodies(reading)).toEqual(['a\n', 'b\n'])
    expect(reading?.waiting.map(({ storedBy }) => storedBy)).toEqual([17, 18])
    expect(next.samples).toBe(0) // missed by nobody unless VictoriaMetrics lost it
    expect([...next.oldest()]).toEqual([['lab', 5_000]])
    expect([...next.oldest(17)]).toEqual([['lab', 6_000]])
  })

  test('is gone from disk at an end that is none by force', async () => {
    const spool = await open({ hasJournal: true })
    spool.keep(batch('a\n'), 17)
    await kept(spool, 2 * RECORD_BYTES)
    await spool.close()
    expect(await readdir(stand.base)).toEqual([])
  })

  test('takes a sixteenth of the bytes of the spool at most: the oldest goes', async () => {
    const spool = await open({ hasJournal: true, maxBytes: 1_048_576 })
    for (let n = 1; n <= 40; n++) {
      const at = batch('', { body: crypto.getRandomValues(Buffer.alloc(4_000)), from: n })
      spool.keep(at, 17)
      await waitFor(async () => (await newest()) === n, { what: `number ${n} on disk` })
      expect(await diskBytes()).toBeLessThanOrEqual(65_536)
    }
    expect(await diskBytes()).toBeGreaterThan(32_768)
  })

  test('shows that the disk takes nothing before anything waits for it', async () => {
    const spool = await open({ hasJournal: true })
    expect(spool.failure).toBeNull()
    await rm(stand.base, { recursive: true })
    await writeFile(stand.base, 'no folder')
    spool.keep(batch('a\n'), 17)
    await waitFor(() => spool.failure !== null, { what: 'the disk to be failing' })
    expect([spool.size, spool.isDurable]).toEqual([0, false])
  })

  test('torn by the crash is no loss that is counted', async () => {
    const spool = await open({ hasJournal: true })
    spool.keep(batch('a\n'), 17)
    await kept(spool, 2 * RECORD_BYTES)
    const [path = ''] = await leftAlone()
    await writeFile(path, (await readFile(path)).subarray(0, -1))
    let lost = 0
    const next = await open()
    next.onLoss((samples) => (lost += samples))
    expect([stand.corrupt(), lost]).toEqual([1, 0])
  })

  /** Stamp of the newest record. */
  async function newest(): Promise<number> {
    const path = (await stand.segments()).at(-1)
    return path === undefined ? 0 : (findRecords(await readFile(path)).found.at(-1)?.from ?? 0)
  }
})

describe('a process that was frozen for a minute', () => {
  test('whose folder another one took over, begins a new one and loses nothing', async () => {
    const frozen = await open()
    frozen.add(batch('before\n'))
    await written(frozen)
    const [folder = ''] = await readdir(stand.base)
    await rename(join(stand.base, folder), join(stand.base, 'taken'))
    frozen.add(batch('after\n'))
    await waitFor(async () => bodies(await frozen.read()).includes('after\n'), { what: 'the disk' })
    expect(stand.log.lines.map(({ msg }) => msg)).toEqual([
      expect.stringContaining('another process has taken over'),
    ])
  })
})

describe('a disk that takes nothing', () => {
  test('from the start: it is told of, and memory does', async () => {
    await writeFile(join(stand.base, 'file'), '')
    const spool = await open({ base: join(stand.base, 'file/spool') })
    expect(spool).toMatchObject({ isDurable: false, failure: expect.stringContaining('ENOTDIR') })
    spool.add(batch('a\n'))
    expect(await drain(spool)).toEqual(['a\n'])
    expect(stand.log.lines[0]?.msg).toContain("the spool can't be written to")
  })

  test('and is mended while it runs: what waits goes there', async () => {
    await writeFile(join(stand.base, 'file'), '')
    const spool = await open({ base: join(stand.base, 'file/spool') })
    spool.add(batch('a\n'))
    await rm(join(stand.base, 'file'))
    await waitFor(() => spool.isDurable, { timeoutMs: 15_000, what: 'the disk' })
    expect(await stand.segments()).toHaveLength(1)
    expect(await drain(spool)).toEqual(['a\n'])
  })

  test('is none where none is wanted', async () => {
    const spool = await open({ maxBytes: 0 })
    spool.add(batch('a\n'))
    expect([spool.isDurable, spool.failure]).toEqual([false, null])
    expect(await readdir(stand.base)).toEqual([])
    expect(await spool.close()).toBe(1)
  })
})
