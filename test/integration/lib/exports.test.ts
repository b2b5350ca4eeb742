import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sample } from '../../../lib/line-protocol.ts'
import { type Stores, startStores } from '../../stores.ts'
import { feed } from '../api/stand.ts'

const SERIES = 900
const STEPS = 60
const BEGIN = Date.UTC(2026, 10, 22, 9)
const ROUNDS = 20

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
  for (let step = 0; step < STEPS; step++)
    await feed(
      stores.victoriaMetrics,
      Array.from({ length: SERIES }, (_, index): Sample => ({
        measurement: '',
        labels: { device: `d${index}` },
        fields: { device_state_up: (index + step) % 7 === 0 ? 0 : 1 },
        at: BEGIN + step * 10_000 + (index % 1_000),
      })),
    )
}, 60_000)
afterAll(() => stores?.[Symbol.asyncDispose]())

const range = { start: BEGIN, end: BEGIN + STEPS * 10_000 }
const columns = ['device', '__value__', '__timestamp__:unix_ms']

/** Each device's samples as text, in the order of devices. */
async function bySeries(): Promise<string> {
  const found: string[] = []
  await stores.victoriaMetrics.exportSeries('device_state_up', range, (series) => {
    const points = series
      .runs()
      .flatMap(({ value, index, count }) =>
        Array.from({ length: count }, (_, place) => `${series.stampAt(index + place)}=${value}`),
      )
    found.push(`${series.labels['device']}: ${points.join()}`)
  })
  return found.toSorted().join('\n')
}

const byRows = async (): Promise<string> =>
  (await stores.victoriaMetrics.exportCsv('device_state_up', columns, range))
    .split('\n')
    .toSorted()
    .join('\n')

test(
  'what is read beside something else is what is stored, each time',
  { timeout: 60_000 },
  async () => {
    const [series, rows] = [await bySeries(), await byRows()]
    expect(series.split('\n')).toHaveLength(SERIES)
    expect(series.split('=')).toHaveLength(SERIES * STEPS + 1)

    const wrong = { series: 0, rows: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const found = await Promise.all([bySeries(), byRows(), bySeries(), byRows()])
      for (const [place, text] of found.entries()) {
        if (place % 2 === 0 && text !== series) wrong.series++
        if (place % 2 === 1 && text !== rows) wrong.rows++
      }
    }
    expect(wrong).toEqual({ series: 0, rows: 0 })
  },
)
