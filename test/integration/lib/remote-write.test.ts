import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Labels } from '../../../lib/labels.ts'
import { STALE, type SeriesSample, encodeWriteRequest } from '../../../lib/remote-write.ts'
import { type Stores, startStores } from '../../stores.ts'
import { exported } from './exported.ts'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores[Symbol.asyncDispose]())

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
let runs = 0

async function write(
  ...samples: Parameters<typeof encodeWriteRequest>[0][number][]
): Promise<void> {
  await stores.victoriaMetrics.remoteWrite(encodeWriteRequest(samples))
  await stores.victoriaMetrics.flush()
}

describe('remote write, written and read back', () => {
  test('keeps labels, values and milliseconds (F2, B6)', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 })
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/).map((word) => `x_${word}`)
    const sample = fc.record({
      labels: fc.dictionary(name, text, { maxKeys: 6, noNullPrototype: true }),
      value: fc.oneof(
        fc.maxSafeInteger(),
        fc.integer().map((n) => n / 1000),
      ),
      at: fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.now() }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 40 }), async (all) => {
        const run = `run-${runs++}`
        await write(
          ...all.map(({ labels, value, at }, n) => ({
            labels: { ...labels, __name__: 'rw', run, n: `${n}` },
            value,
            at,
          })),
        )
        const rows = await exported(stores.vmUrl, `rw{run="${run}"}`)
        expect(rows).toHaveLength(all.length)
        for (const { labels, points } of rows) {
          const { __name__: _name, run: _run, n, ...own } = labels
          const written = all[Number(n)]
          expect(own).toEqual(withoutEmpty(written?.labels ?? {}))
          expect(points).toEqual([[written?.at, (written?.value ?? Number.NaN) + 0]])
        }
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['one short of a block', 65_535],
    ['one block', 65_536],
    ['one more than a block', 65_537],
    ['many blocks', 1_000_000],
  ])('a request may be of any size: %s', async (_, atLeast) => {
    const run = `run-${runs++}`
    const samples: SeriesSample[] = []
    for (let size = 0; size < atLeast; size += 100) {
      const n = `${samples.length}`.padStart(60, 'n')
      samples.push({ labels: { __name__: 'rw_big', run, n }, value: samples.length, at: AT })
    }
    await write(...samples)
    const rows = await exported(stores.vmUrl, `rw_big{run="${run}"}`)
    const values = rows.map(({ points }) => points[0]?.[1] ?? Number.NaN)
    expect(values.sort((one, other) => one - other)).toEqual(samples.map(({ value }) => value))
  })

  test('the same sample twice is one sample (F8)', async () => {
    const sample = { labels: { __name__: 'rw_twice' }, value: 1, at: AT }
    await write(sample, sample)
    await write(sample)
    expect((await exported(stores.vmUrl, 'rw_twice'))[0]?.points).toEqual([[AT, 1]])
  })
})

describe('a stale marker', () => {
  const now = Math.floor(Date.now() / 1000) * 1000
  const labels = (device: string) => ({ __name__: 'ALERTS', device })
  const shown = async (device: string, at: number, expr = `ALERTS{device="${device}"}`) =>
    (await stores.victoriaMetrics.query(expr, { at })).map(({ value }) => value)

  test('ends a series at once for a bare selector', async () => {
    await write({ labels: labels('ended'), value: 1, at: now - 30_000 })
    await write({ labels: labels('ended'), value: STALE, at: now - 15_000 })
    await write({ labels: labels('goes on'), value: 1, at: now - 30_000 })
    expect(await shown('ended', now - 16_000)).toEqual([1])
    expect(await shown('ended', now - 15_000)).toEqual([])
    expect(await shown('ended', now)).toEqual([])
    expect(await shown('goes on', now)).toEqual([1])
  })

  test('is no value: a window looks past it', async () => {
    await write({ labels: labels('window'), value: 1, at: now - 30_000 })
    await write({ labels: labels('window'), value: STALE, at: now - 15_000 })
    const last = (expr: string) => shown('window', now, `${expr}(ALERTS{device="window"}[1m])`)
    expect(await last('last_over_time')).toEqual([1])
    expect(await last('count_over_time')).toEqual([1])
    expect(await last('default_rollup')).toEqual([])
  })

  test('ends only its own series, and the series may start again', async () => {
    await write({ labels: labels('again'), value: 1, at: now - 30_000 })
    await write({ labels: labels('again'), value: STALE, at: now - 20_000 })
    await write({ labels: labels('again'), value: 1, at: now - 10_000 })
    expect(await shown('again', now - 15_000)).toEqual([])
    expect(await shown('again', now)).toEqual([1])
  })

  test('ends a series that line protocol wrote', async () => {
    const at = now - 30_000
    await stores.victoriaMetrics.writeLines(`device,device=lines info=1 ${at}`)
    const own = { __name__: 'device_info', device: 'lines' }
    await write({ labels: own, value: STALE, at: at + 1_000 })
    const info = (when: number) => shown('', when, 'device_info{device="lines"}')
    expect([await info(at), await info(at + 1_000)]).toEqual([[1], []])
  })
})

const withoutEmpty = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ''))
