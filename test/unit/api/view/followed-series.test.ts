import { beforeEach, describe, expect, test } from 'vitest'
import { followSeries } from '../../../../api/view/followed-series.ts'
import { VictoriaMetricsError } from '../../../../lib/victoriametrics.ts'
import { AT } from '../fleet-vectors.ts'

type Sample = { readonly at: number; readonly value: number | string; readonly series: string }

/** A VictoriaMetrics that has these samples, and what it was asked for, relative to AT. */
let stored: Sample[]
let asked: [number, number][]
let isAway: boolean
beforeEach(() => {
  stored = []
  asked = []
  isAway = false
})

const victoriaMetrics = {
  async exportCsv(_match: string, _columns: readonly string[], { start, end }: Range) {
    if (isAway) throw new VictoriaMetricsError('nobody there', 'unreachable')
    asked.push([start - AT, end - AT])
    return stored
      .filter(({ at }) => at >= start && at <= end)
      .map(({ at, value, series }) => `${at},${value},${series}\r\n`)
      .join('')
  },
}
type Range = { start: number; end: number }

const SELECTOR = { match: 'ping_up', wholeEveryMs: 60_000 }
const OVERLAP = { overlapMs: 10_000, timeoutMs: 1_000 }
const R1 = 'ping_up,hq,b1,north,r1'
const R2 = 'ping_up,hq,b1,north,r2'
const store = (series: string, after: number, value: number | string = 1): void => {
  stored.push({ at: AT + after, value, series })
}

function follow() {
  const series = followSeries(victoriaMetrics, SELECTOR)
  return async (after: number, { windowMs = 30_000, isWhole = false } = {}) => {
    const { signal } = new AbortController()
    const wanted = { at: AT + after, windowMs, isWhole, signal, ...OVERLAP }
    const points = await series.read(wanted)
    return points.map(({ labels, at, value }) => [labels['device'], at - AT, value])
  }
}

test('the last sample of each series is told, with the labels that it has', async () => {
  store(R1, -20_000, 0)
  store(R1, -10_000, 1)
  store('ping_loss_ratio,,,,r2', -5_000, 0.5)
  const series = followSeries(victoriaMetrics, SELECTOR)
  const { signal } = new AbortController()

  expect(
    await series.read({ at: AT, windowMs: 30_000, isWhole: false, signal, ...OVERLAP }),
  ).toMatchObject([
    {
      labels: { __name__: 'ping_up', vantage: 'hq', branch: 'b1', region: 'north', device: 'r1' },
      at: AT - 10_000,
      value: 1,
    },
    { labels: { __name__: 'ping_loss_ratio', device: 'r2' }, at: AT - 5_000, value: 0.5 },
  ])
})

test('what is read again and again is what is new, and a little before it', async () => {
  const read = follow()
  store(R1, -1_000, 1)
  store(R2, -1_000, 1)
  await read(0)
  store(R2, 500, 0)

  expect(await read(1_000)).toEqual([
    ['r1', -1_000, 1],
    ['r2', 500, 0],
  ])
  expect(asked).toEqual([
    [-30_000, 0],
    [-10_000, 1_000],
  ])
})

test('a sample counts as long as the window says', async () => {
  const read = follow()
  store(R1, 0)

  expect(await read(29_999)).toHaveLength(1)
  expect(await read(30_000)).toEqual([])
})

test('what comes late does not take the place of what is newer', async () => {
  const read = follow()
  store(R1, -1_000, 1)
  await read(0)
  store(R1, -2_000, 0)

  expect(await read(1_000)).toEqual([['r1', -1_000, 1]])
})

describe('all of the window is read anew', () => {
  const wasWhole = (): boolean => {
    const [start = 0, end = 0] = asked.at(-1) ?? []
    return end - start === 30_000
  }

  test.each([
    [
      'when it is wanted',
      async (read: ReturnType<typeof follow>) => read(1_000, { isWhole: true }),
    ],
    ['after a pause', async (read: ReturnType<typeof follow>) => read(30_001)],
    ['when the clock went back', async (read: ReturnType<typeof follow>) => read(-5_000)],
    [
      'now and then, for what came late',
      async (read: ReturnType<typeof follow>) => {
        for (let after = 1_000; after < 60_000; after += 1_000) {
          await read(after)
          expect(wasWhole()).toBe(false)
        }
        return read(60_000)
      },
    ],
  ])('%s', async (_when, again) => {
    const read = follow()
    await read(0)
    store(R1, -9_000)
    store(R2, -11_000)

    await again(read)
    expect(wasWhole()).toBe(true)
  })

  test('when the window grows', async () => {
    const read = follow()
    store(R1, -50_000)
    expect(await read(0)).toEqual([])

    expect(await read(1_000, { windowMs: 60_000 })).toEqual([['r1', -50_000, 1]])
  })

  test('then what is no longer stored is no longer told', async () => {
    const read = follow()
    store(R1, -1_000)
    await read(0)
    stored = []

    expect(await read(1_000)).toHaveLength(1)
    expect(await read(2_000, { isWhole: true })).toEqual([])
  })
})

test('while nobody answers nothing is forgotten, and nothing passed over', async () => {
  const read = follow()
  store(R1, -1_000)
  await read(0)
  isAway = true
  await expect(read(5_000)).rejects.toThrow('nobody there')
  store(R2, 5_000)
  isAway = false

  expect(await read(20_000)).toEqual([
    ['r1', -1_000, 1],
    ['r2', 5_000, 1],
  ])
})

test('stale markers and rows that are cut off say nothing', async () => {
  const read = follow()
  store(R1, -2_000, 1)
  store(R1, -1_000, 'NaN')
  store('ping_up,hq,b1', -1_000, 1)
  store('ping_up,hq,b1,north,"r', -1_000, 1)

  expect(await read(0)).toEqual([['r1', -2_000, 1]])
})
