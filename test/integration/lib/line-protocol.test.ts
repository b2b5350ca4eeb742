import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Labels, quoteLabelValue } from '../../../lib/labels.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { type Stores, startStores } from '../../stores.ts'
import { exported } from './exported.ts'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores[Symbol.asyncDispose]())

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
let runs = 0

/** Writes one batch; gives each sample the label by which it is found again. */
async function write(samples: readonly Sample[]): Promise<string> {
  const run = `run-${runs++}`
  const lines = samples.map((sample, n) =>
    encodeLine({ ...sample, labels: { ...sample.labels, run, n: `${n}` } }),
  )
  await stores.victoriaMetrics.writeLines(`${lines.join('\n')}\n`)
  await stores.victoriaMetrics.flush()
  return run
}

/** What is stored of a run: by number of the sample and name of the metric. */
async function stored(run: string): Promise<Map<string, { labels: Labels; points: unknown }>> {
  const found = new Map<string, { labels: Labels; points: unknown }>()
  for (const { labels, points } of await exported(stores.vmUrl, `{run="${run}"}`)) {
    const { __name__: name, run: _, n, ...own } = labels
    const key = `${n} ${name}`
    expect(found.has(key)).toBe(false)
    found.set(key, { labels: own, points })
  }
  return found
}

/** What a label can hold: a control character would end a line, a blank end is lost to every eye. */
// oxlint-disable-next-line no-control-regex
const told = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
const toldLabels = (labels: Labels): Labels =>
  Object.fromEntries(
    Object.entries(labels)
      .map(([name, text]) => [name, told(text)] as const)
      .filter(([, text]) => text !== ''),
  )

const awkward = fc.oneof(
  fc.constantFrom(...String.raw`\ " | , = . ' # { } % $ & / ; \n \" თბილისი 🛰️`.split(' ')),
  fc.constantFrom(
    ' ',
    '\n',
    '\r',
    '\t',
    '\u0000',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u00a0',
    '\ufeff',
  ),
)
const text = fc
  .array(fc.oneof({ weight: 3, arbitrary: awkward }, fc.string({ unit: 'binary', maxLength: 4 })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''))
const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/).map((word) => `x_${word}`)
const labels = fc.dictionary(name, text, { maxKeys: 6, noNullPrototype: true })

describe('line protocol, written and read back (F2)', () => {
  test('keeps every label value, and no line harms its neighbours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(labels, { minLength: 1, maxLength: 40 }), async (all) => {
        const run = await write(
          all.map((each, n) => ({ measurement: 'm', labels: each, fields: { up: n }, at: AT + n })),
        )
        const found = await stored(run)
        expect([...found.keys()].sort()).toEqual(all.map((_, n) => `${n} m_up`).sort())
        for (const [n, each] of all.entries()) {
          expect(found.get(`${n} m_up`)).toEqual({
            labels: toldLabels(each),
            points: [[AT + n, n]],
          })
        }
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['a backslash at the end', 'C:\\temp\\'],
    ['two backslashes at the end', 'a\\\\'],
    ['nothing but a backslash', '\\'],
    ['a backslash before a comma', 'a\\,b'],
    ['a backslash before a space', 'a\\ b'],
    ['a backslash before an equals sign', 'a\\=b'],
    ['a quotation mark', 'say "hello"'],
    ['an open quotation mark', '"'],
    ['a field set of its own', 'x up=1 1'],
    ['a comment', '#x'],
    ['Georgian', 'ვაკე, თბილისი'],
    ['an emoji', '🛰️ up=1'],
    ['a regular expression', '.*|a{2}'],
    ['15,000 bytes', 'ა'.repeat(5_000)],
  ])('keeps %s, and finds it by a selector', async (_, value) => {
    const run = await write([
      { measurement: 'm', labels: { device: value }, fields: { up: 1 }, at: AT },
      { measurement: 'm', labels: { device: 'next' }, fields: { up: 2 }, at: AT },
    ])
    const found = await stored(run)
    expect(['0 m_up', '1 m_up'].map((key) => found.get(key)?.labels['device'])).toEqual([
      value,
      'next',
    ])
    const selected = await exported(
      stores.vmUrl,
      `m_up{run="${run}",device=${quoteLabelValue(value)}}`,
    )
    expect(selected.map((series) => series.labels['n'])).toEqual(['0'])
  })

  test.each([
    ['a line break', 'one\ntwo', 'one two'],
    ['a Windows line break', 'one\r\ntwo', 'one two'],
    ['a NUL', 'one\u0000', 'one'],
    ['blank ends', '  one ', 'one'],
    ['control characters alone', '\n\t\r', undefined],
    ['nothing', '', undefined],
  ])('has a space for what a label can not hold: %s', async (_, value, expected) => {
    const run = await write([
      { measurement: 'm', labels: { device: value }, fields: { up: 1 }, at: AT },
    ])
    expect((await stored(run)).get('0 m_up')?.labels['device']).toBe(expected)
  })

  test('makes one series of labels in any order', async () => {
    const line = (own: Labels) =>
      encodeLine({ measurement: 'order', labels: own, fields: { up: 1 }, at: AT })
    expect(line({ b: '2', a: '1' })).toBe(line({ a: '1', b: '2' }))
  })

  test('makes one sample of several fields a metric each, and of a bare field its own name', async () => {
    const run = await write([
      { measurement: 'ping', labels: {}, fields: { up: 1, rtt_seconds: 0.012 }, at: AT },
      { measurement: '', labels: {}, fields: { ifHCInOctets: 7 }, at: AT },
    ])
    expect([...(await stored(run)).keys()].sort()).toEqual([
      '0 ping_rtt_seconds',
      '0 ping_up',
      '1 ifHCInOctets',
    ])
  })

  test('keeps awkward names of metrics and labels apart', async () => {
    const run = await write([
      { measurement: 'a b,c', labels: { 'd e=f,g': 'h' }, fields: { 'i j=k,l': 1 }, at: AT },
      { measurement: 'm', labels: {}, fields: { up: 2 }, at: AT },
    ])
    const found = await stored(run)
    expect(found.get('0 a b,c_i j=k,l')?.labels).toEqual({ 'd e=f,g': 'h' })
    expect(found.get('1 m_up')?.points).toEqual([[AT, 2]])
  })
})

describe('stamps and values, written and read back', () => {
  test('an instant is the same millisecond (B6)', async () => {
    const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) })
    const soon = Date.now() + 24 * 3_600_000 // VictoriaMetrics refuses samples over 2 days ahead
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          instant.map((at) => Math.min(at, soon)),
          { minLength: 1, maxLength: 50 },
        ),
        async (instants) => {
          const run = await write(
            instants.map((at) => ({ measurement: 'b6', labels: {}, fields: { up: 1 }, at })),
          )
          const found = await stored(run)
          for (const [n, at] of instants.entries())
            expect(found.get(`${n} b6_up`)?.points).toEqual([[at, 1]])
        },
      ),
      { numRuns: 20 },
    )
  })

  test('a part of a millisecond is rounded', async () => {
    const run = await write([
      { measurement: 'b6', labels: {}, fields: { up: 1 }, at: AT + 0.4 },
      { measurement: 'b6', labels: {}, fields: { up: 1 }, at: AT + 0.6 },
    ])
    const found = await stored(run)
    expect(['0 b6_up', '1 b6_up'].map((key) => found.get(key)?.points)).toEqual([
      [[AT, 1]],
      [[AT + 1, 1]],
    ])
  })

  test('a value keeps 12 digits at least, counters up to 2⁵³ all of theirs', async () => {
    const value = fc.oneof(
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
        .map((each) => (Math.abs(each) < 1e-12 ? 0 : each)),
      fc.maxSafeInteger(),
      fc.constantFrom(0, -0, 1, 0.1, 1 / 3, Number.MAX_SAFE_INTEGER, 1e21, 1.5e-7, 1e300),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 50 }), async (values) => {
        const run = await write(
          values.map((each) => ({ measurement: 'v', labels: {}, fields: { up: each }, at: AT })),
        )
        const found = await stored(run)
        for (const [n, each] of values.entries()) {
          const points = found.get(`${n} v_up`)?.points as [number, number][]
          const read = points[0]?.[1] ?? Number.NaN
          // Stored as a decimal: the last bits of a double may differ.
          expect(Math.abs(read - each)).toBeLessThanOrEqual(Math.abs(each) * 1e-12)
          if (Number.isSafeInteger(each)) expect(read).toBe(each + 0)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('what is not finite is left out, and the rest of its sample is not (F6)', async () => {
    const run = await write([
      { measurement: 'f6', labels: {}, fields: { rtt: Number.NaN, up: 1 }, at: AT },
      { measurement: 'f6', labels: {}, fields: { up: 2, rtt: Number.POSITIVE_INFINITY }, at: AT },
      { measurement: 'f6', labels: {}, fields: { rtt: Number.NEGATIVE_INFINITY }, at: AT },
      { measurement: 'f6', labels: {}, fields: {}, at: AT },
      { measurement: 'f6', labels: {}, fields: { up: 5 }, at: AT },
    ])
    expect([...(await stored(run)).keys()].sort()).toEqual(['0 f6_up', '1 f6_up', '4 f6_up'])
  })

  test('the same sample twice, or late, is one sample (F8)', async () => {
    const line = (at: number) =>
      encodeLine({ measurement: 'f8', labels: { device: 'a' }, fields: { up: 1 }, at })
    for (const at of [AT + 2_000, AT, AT + 1_000, AT, AT + 2_000])
      await stores.victoriaMetrics.writeLines(line(at))
    await stores.victoriaMetrics.flush()
    const [series] = await exported(stores.vmUrl, 'f8_up')
    expect(series?.points).toEqual([0, 1_000, 2_000].map((after) => [AT + after, 1]))
  })
})
