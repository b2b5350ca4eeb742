import { describe, expect, test } from 'vitest'
import { atOnce } from '../../../lib/slices.ts'
import { type ReadVector, createVectorReader } from '../../../lib/vector.ts'

function newReader(): (text: string) => ReadVector | null {
  const read = createVectorReader()
  return (text) => atOnce(read(text))
}

type Row = { readonly metric: Record<string, string>; readonly value: readonly [number, string] }

const answer = (result: readonly Row[], more: object = {}): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more })

const row = (metric: Record<string, string>, value = '1', at = 1_790_000_000.5): Row => ({
  metric,
  value: [at, value],
})

describe('reading the vector of an answer', () => {
  test('gives what JSON.parse would, whatever is in a label', () => {
    const odd = { a: '},"value":[1,"2"]}', b: '"}]\\', 'c.d': 'Тбилиси', e: ']' }
    const read = newReader()(answer([row(odd, '-2.5e-7'), row({}, '7', 1_790_000_001)]))
    expect(read?.vector).toEqual([
      { labels: odd, value: -2.5e-7, at: 1_790_000_000_500 },
      { labels: {}, value: 7, at: 1_790_000_001_000 },
    ])
  })

  test('the rest of the answer is as it was, with no result in it', () => {
    const read = newReader()(answer([row({ a: 'b' })], { stats: { seriesFetched: '3' } }))
    expect(JSON.parse(read?.frame ?? '')).toEqual({
      status: 'success',
      data: { resultType: 'vector', result: [] },
      stats: { seriesFetched: '3' },
    })
  })

  test.each([
    ['NaN', NaN],
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
  ])('%s is read as such', (text, value) => {
    expect(newReader()(answer([row({}, text)]))?.vector[0]?.value).toBe(value)
  })

  test.each([
    ['a matrix', '{"data":{"resultType":"matrix","result":[]}}'],
    ['an answer with spaces', '{"data": {"resultType": "vector", "result": []}}'],
    ['an answer that was cut', answer([row({ a: 'b' })]).slice(0, 70)],
    ['members that it does not know', answer([{ ...row({}), group: 1 } as Row])],
    ['no answer', 'bad gateway'],
  ])('%s is left to whoever can read it', (_, text) => {
    expect(newReader()(text)).toBeNull()
  })

  test('labels that come again are the same object, from one answer to the next', () => {
    const read = newReader()
    const labelsIn = (text: string) => read(text)?.vector.map(({ labels }) => labels) ?? []
    const [first] = labelsIn(answer([row({ a: 'b' }), row({ a: 'c' })]))
    const [, again] = labelsIn(answer([row({ a: 'd' }), row({ a: 'b' }, '2')]))
    expect(again).toBe(first)
  })

  test('labels that came no more are forgotten', () => {
    const read = newReader()
    const once = read(answer([row({ a: 'once' })]))?.vector[0]?.labels
    for (let turn = 0; turn < 30; turn++)
      read(answer(Array.from({ length: 100 }, (_, i) => row({ a: `${i}` }))))
    expect(read(answer([row({ a: 'once' })]))?.vector[0]?.labels).not.toBe(once)
  })
})
