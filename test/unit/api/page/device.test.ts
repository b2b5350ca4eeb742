import { describe, expect, test } from 'vitest'
import type { Json } from './modules.ts'

const page = (name: string): Promise<unknown> =>
  import(new URL(`../../../../api/page/${name}`, import.meta.url).href)

type Point = [number | string, number | null]
type Series = { points: Point[] }
const { aligned, figuresOf, within } = (await page('charts/aligned.js')) as {
  aligned(series: Series[]): (number | null)[][]
  figuresOf(values: (number | null)[]): Json
  within(spans: Json[], from: number, to: number): Json[]
}
const { runsOf } = (await page('charts/sparkline.js')) as {
  runsOf(values: (number | null)[], box: Json): [number, number][][]
}
const { readSpan, fittedSpan, spanQuery } = (await page('views/device/span.js')) as {
  readSpan(query: URLSearchParams): Json
  fittedSpan(from: number, to: number, now: number): { from: number; to: number }
  spanQuery(span: Json): string
}
const { select, sortedBy, loadOf } = (await page('views/device/interface-list.js')) as {
  select(list: Json[], filter: Json): Json[]
  sortedBy(list: Json[], order: Json): Json[]
  loadOf(of: Json): number | null
}
const { familyOf } = (await page('views/device/family.js')) as {
  familyOf(
    devices: Map<string, Json>,
    id: string,
  ): { rows: { id: string; level: number }[]; more: number }
}
const { linesOf } = (await page('views/device/lines.js')) as {
  linesOf(stream: ReadableStream): AsyncIterable<unknown>
}
const { cronOf, readSimple } = (await page('dialogs/cron.js')) as {
  cronOf(said: Json): string
  readSimple(cron: string): Json | null
}

describe('series of a chart', () => {
  test('on the same instants are put beside one another, gaps as gaps', () => {
    const one: Point[] = [
      [1_000, 5],
      [2_000, null],
    ]

    expect(aligned([{ points: one }, { points: one }])).toEqual([
      [1, 2],
      [5, null],
      [5, null],
    ])
  })

  test('on other instants have those of all, and no value where they have none', () => {
    const columns = aligned([{ points: [['1970-01-01T00:00:01Z', 5]] }, { points: [[3_000, 7]] }])

    expect(columns).toEqual([
      [1, 3],
      [5, null],
      [null, 7],
    ])
  })

  test('are summed up without their gaps', () => {
    expect(figuresOf([2, null, 4, 6])).toEqual({ low: 2, mean: 4, high: 6, known: 0.75 })
    expect(figuresOf([null])).toEqual({ low: null, mean: null, high: null, known: 0 })
  })
})

test('what lies over a chart is cut to its time; what still lasts reaches its end', () => {
  const spans = [
    { from: 50, to: 150, kind: 'outage' },
    { from: 180, to: null, kind: 'outage' },
    { from: 0, to: 100, kind: 'maintenance' },
  ]

  expect(within(spans, 100, 200)).toEqual([
    { from: 100, to: 150, kind: 'outage' },
    { from: 180, to: 200, kind: 'outage' },
  ])
})

test('a sparkline is a run for each stretch without gaps, the greatest value at its top', () => {
  const runs = runsOf([0, 10, null, null, 5], { width: 40, height: 22 })

  expect(runs).toEqual([
    [
      [0, 21],
      [10, 1],
    ],
    [[40, 11]],
  ])
})

describe('the time that charts show', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  const read = (query: string) => readSpan(new URLSearchParams(query))

  test.each([
    ['', { range: '6h' }],
    ['range=30d', { range: '30d' }],
    ['range=never', { range: '6h' }],
    ['range=1h&from=soon&to=later', { range: '1h' }],
    ['from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:01Z', { range: '6h' }],
    [
      'range=30d&from=2026-11-22T10:00:00Z&to=2026-11-22T11:00:00Z',
      { from: Date.parse('2026-11-22T10:00:00Z'), to: Date.parse('2026-11-22T11:00:00Z') },
    ],
  ])('is read from the address: %j', (query, span) => {
    expect(read(query)).toEqual(span)
  })

  test('never ends in the future and is a minute at least', () => {
    const { from, to } = fittedSpan(now - 10, now + 50_000, now)

    expect(to).toBe(now)
    expect(to - from).toBe(60_000)
  })

  test('is never longer than what is kept', () => {
    const { from, to } = fittedSpan(0, now, now)

    expect((to - from) / 86_400_000).toBe(396)
  })

  test('asks the API for a range, or for two instants', () => {
    expect(spanQuery({ range: '7d' })).toBe('range=7d')
    expect(spanQuery({ from: 0, to: 60_000 })).toBe(
      'from=1970-01-01T00%3A00%3A00.000Z&to=1970-01-01T00%3A01%3A00.000Z',
    )
  })
})

describe('interfaces', () => {
  const face = (index: number, but: Json = {}): Json => ({
    index,
    name: `Gi0/${index}`,
    alias: null,
    admin: 'up',
    oper: 'up',
    speed_bps: 1e6,
    in_bps: 1_000,
    out_bps: 2_000,
    in_errors_per_second: 0,
    out_errors_per_second: 0,
    in_discards_per_second: null,
    out_discards_per_second: null,
    uplink: null,
    ...but,
  })
  const list = [
    face(2),
    face(10, { oper: 'down', alias: 'spare' }),
    face(3, { admin: 'down', oper: 'down' }),
    face(4, { uplink: 'isp-a', out_bps: 900_000 }),
    face(5, { in_errors_per_second: 0.5, in_bps: null, out_bps: null }),
  ]
  const found = (filter: string, q = '') => select(list, { q, filter }).map(({ index }) => index)

  test.each([
    ['all', [2, 10, 3, 4, 5]],
    ['up', [2, 4, 5]],
    ['down', [10]],
    ['uplinks', [4]],
    ['errors', [5]],
    ['busy', [4]],
  ])('%s', (filter, indexes) => {
    expect(found(filter)).toEqual(indexes)
  })

  test('are found by name, alias and line', () => {
    expect(found('all', 'SPARE gi')).toEqual([10])
    expect(found('all', 'isp')).toEqual([4])
  })

  test('have lines first; by name as people count; what is not known last, either way', () => {
    const sorted = (order: Json) => sortedBy(list, order).map(({ index }) => index)

    expect(sorted({ key: '' })).toEqual([4, 2, 10, 3, 5])
    expect(sorted({ key: 'name', isDown: false })).toEqual([2, 3, 4, 5, 10])
    expect(sorted({ key: 'out', isDown: true })).toEqual([4, 2, 10, 3, 5])
    expect(sorted({ key: 'out', isDown: false }).at(-1)).toBe(5)
  })

  test('have the load of the busier direction, none where the speed is not known', () => {
    expect(loadOf(face(1, { in_bps: 500_000 }))).toBe(0.5)
    expect(loadOf(face(1, { speed_bps: null }))).toBeNull()
  })
})

test('a family is its ancestors level by level, the device, and its children, the worst first', () => {
  const of = (id: string, parents: string[], status = 'up'): [string, Json] => [
    id,
    { id, name: id, parents, status },
  ]
  const devices = new Map([
    of('core', []),
    of('a', ['core']),
    of('b', ['core', 'b']),
    of('own', ['a', 'b', 'gone']),
    of('child-1', ['own']),
    of('child-2', ['own'], 'down'),
  ])
  const { rows, more } = familyOf(devices, 'own')

  expect(rows.map(({ id, level }) => `${level} ${id}`)).toEqual([
    '0 core',
    '1 a',
    '1 b',
    '1 gone',
    '2 own',
    '3 child-2',
    '3 child-1',
  ])
  expect(more).toBe(0)
})

test('lines of JSON are read whole, however the stream was cut', async () => {
  const pieces = ['{"line":"a', 'b"}\n\n{"li', 'ne":"ა"}\n{"done":true}']
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece))
  const found: unknown[] = []
  for await (const value of linesOf(ReadableStream.from(bytes))) found.push(value)

  expect(found).toEqual([{ line: 'ab' }, { line: 'ა' }, { done: true }])
})

describe('recurring times', () => {
  test.each([
    [{ every: 'day', time: '02:30', weekdays: [], day: 1 }, '30 2 * * *'],
    [{ every: 'week', time: '22:00', weekdays: [5, 1], day: 1 }, '0 22 * * 1,5'],
    [{ every: 'month', time: '00:05', weekdays: [], day: 31 }, '5 0 31 * *'],
  ])('%j is %s, and is read back', (said, cron) => {
    expect(cronOf(said)).toBe(cron)
    expect(readSimple(cron)).toEqual({ ...said, weekdays: said.weekdays.toSorted((a, b) => a - b) })
  })

  test.each(['*/5 * * * *', '0 2 1 * 1', '0 2 * 6 *', '0 2 * * 1-5', '0 2 * *', '61 2 * * *'])(
    '%s says more than a day, a week or a month',
    (cron) => {
      expect(readSimple(cron)).toBeNull()
    },
  )
})
