import pLimit from 'p-limit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createResultHistory } from '../../../alerting/backtest/result-history.ts'
import { createRandom } from '../../../lab/random.ts'
import { labelsKey } from '../../../lib/labels.ts'
import type { Vector } from '../../../lib/victoriametrics.ts'
import { type Stores, startStores } from '../../stores.ts'

const MINUTE = 60_000
/** Over midnight, at which VictoriaMetrics begins another index. */
const START = Date.UTC(2026, 2, 28, 23, 30)
const STEP = 15_000
const COUNT = 240

let stores: Stores

beforeAll(async () => {
  stores = await startStores()
  const random = createRandom('results')
  const lines: string[] = []
  for (let index = 0; index < 6; index++) {
    for (let at = START - 20 * MINUTE; at < START + 70 * MINUTE; at += 30_000 + index * 1_000) {
      // Series come and go, some for the first time after midnight.
      if (index === 5 && at < START + 31 * MINUTE) continue
      if (random.integer(0, 9) === 0) at += random.integer(1, 8) * MINUTE
      lines.push(`load,device=d${index},branch=b${index % 2} one=${random.integer(0, 20)} ${at}`)
    }
  }
  // Where a window isn't written out, VictoriaMetrics makes it of how far samples lie apart.
  for (let index = 0; index < 4; index++)
    for (let at = START - 20 * MINUTE; at < START + 70 * MINUTE; at += 30_000)
      lines.push(`even,device=e${index},branch=b${index % 2} one=${random.integer(0, 20)} ${at}`)
  lines.push(`twice,device=d0,part=1 one=1 ${START + 10 * MINUTE}`)
  lines.push(`twice,device=d0,part=2 one=1 ${START + 10 * MINUTE}`)
  await stores.victoriaMetrics.writeLines(lines.join('\n'))
  await stores.victoriaMetrics.flush()
})
afterAll(() => stores[Symbol.asyncDispose]())

const grid = {
  stepMs: STEP,
  count: COUNT,
  at: (index: number) => START + index * STEP,
  dueAt: (index: number) => START + index * STEP,
}

const history = (expr: string, countsValues: boolean) =>
  createResultHistory(expr, grid, countsValues, {
    victoriaMetrics: stores.victoriaMetrics,
    options: {},
    limit: pLimit(2),
  })

const inShort = (vector: Vector, withValues: boolean): string[] =>
  vector
    .map(({ labels, value }) => `${labelsKey(labels)} ${withValues ? value.toPrecision(12) : ''}`)
    .sort()

/** As of midnight itself a question alone sees nothing of the day that begins. */
const isMidnight = (index: number): boolean => grid.at(index) % 86_400_000 === 0

describe.each([
  'last_over_time(load_one[5m]) > 10',
  'avg by (branch) (avg_over_time(load_one[90s]))',
  'max_over_time(load_one[10m]) == 20',
  'count_over_time(even_one[5m:1m])',
  'changes(load_one[4m]) > 2',
  'even_one > 10',
  'sum(even_one) by (branch)',
  'absent(load_one{device="d3"})',
  'rate(even_one)',
  'count_over_time(even_one[10m:])',
  'time() % 120 == 0',
  'no_such_series',
])('the past results of %s', (expr) => {
  test.each([true, false])(
    'are those of questions one by one, values counted: %s',
    async (values) => {
      const past = history(expr, values)
      let before: string[] | undefined
      for (let index = 0; index < COUNT; index++) {
        await past.load(index)
        const got = past.at(index)
        if (!isMidnight(index)) {
          const asked = await stores.victoriaMetrics.query(expr, { at: grid.at(index) })
          expect(inShort(got, true), `at ${index}`).toEqual(inShort(asked, true))
        }
        const now = inShort(got, values)
        if (before !== undefined && JSON.stringify(now) !== JSON.stringify(before))
          expect(past.changed(index), `changed at ${index}`).toBe(true)
        before = now
      }
    },
  )
})

test('where nothing changes, nothing is said to', async () => {
  const past = history('count(last_over_time(load_one{device=~"d0|d1"}[60m])) * 0', true)
  let changes = 0
  for (let index = 0; index < COUNT; index++) {
    await past.load(index)
    if (past.changed(index)) changes++
  }
  expect(changes).toBe(1) // it begins
})

test('an instant that cannot be answered fails alone, and the others are there', async () => {
  const past = history(
    'last_over_time(load_one[5m]) * on(device) last_over_time(twice_one[2m])',
    false,
  )
  const failed: number[] = []
  for (let index = 0; index < COUNT; index++) {
    await past.load(index)
    try {
      past.at(index)
    } catch (error) {
      expect((error as Error).message).toMatch(/duplicate time series/)
      failed.push(index)
    }
  }
  const from = (10 * MINUTE) / STEP
  // What is refused again and again isn't asked for at each instant.
  expect(failed[0]).toBe(from)
  expect(failed.length).toBeGreaterThanOrEqual((2 * MINUTE) / STEP - 1)
  expect(failed.length).toBeLessThan((8 * MINUTE) / STEP)
})

test('an expression that is wrong throws what VictoriaMetrics says', async () => {
  const past = history('rat(load_one)', false)
  await past.load(0)
  expect(() => past.at(0)).toThrow(/unknown func/)
})
