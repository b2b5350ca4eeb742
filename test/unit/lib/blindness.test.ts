import { describe, expect, test } from 'vitest'
import {
  type Mark,
  type Stretches,
  blindSince,
  isAnyBlindIn,
  isBlindAt,
  markSample,
  parseMarks,
  withMarks,
} from '../../../lib/blindness.ts'

const T = Date.UTC(2026, 10, 22, 12)
const SECOND = 1_000

const sees = (seconds: number, vantage = 'dc'): Mark => ({
  vantage,
  at: T + seconds * SECOND,
  since: null,
})
const blind = (seconds: number, sinceSecond: number, vantage = 'dc'): Mark => ({
  vantage,
  at: T + seconds * SECOND,
  since: T + sinceSecond * SECOND,
})

/** `10…20`, `10…` of each stretch, in seconds. */
const inShort = (stretches: Stretches, vantage = 'dc'): string[] =>
  (stretches.get(vantage) ?? []).map(
    ({ from, to }) => `${(from - T) / SECOND}…${to === null ? '' : (to - T) / SECOND}`,
  )

describe('what marks amount to', () => {
  test('a stretch begins where its marks say, also when the first of them is missing', () => {
    expect(inShort(withMarks(new Map(), [blind(14, 10)]))).toEqual(['10…'])
  })

  test('it ends with the first mark that it sees', () => {
    const marks = [sees(0), blind(10, 10), blind(11, 10), sees(12), sees(27)]
    expect(inShort(withMarks(new Map(), marks))).toEqual(['10…12'])
  })

  test('a mark that it sees, which was written before anybody knew better, ends nothing', () => {
    const marks = [blind(10, 10), sees(11), blind(12, 10), blind(13, 10)]
    expect(inShort(withMarks(new Map(), marks))).toEqual(['10…'])
  })

  test('marks that are read again, in parts and in any order, change nothing', () => {
    const all = [sees(0), blind(10, 10), blind(11, 10), sees(12), blind(30, 30), sees(31), sees(45)]
    const known = withMarks(new Map(), all)
    expect(inShort(known)).toEqual(['10…12', '30…31'])
    expect(withMarks(known, all.slice(2))).toEqual(known)
    expect(withMarks(withMarks(new Map(), all.slice(3)), all)).toEqual(known)
  })

  test('each vantage has its own', () => {
    const stretches = withMarks(new Map(), [blind(10, 10), sees(10, 'north'), sees(12)])
    expect(inShort(stretches)).toEqual(['10…12'])
    expect(inShort(stretches, 'north')).toEqual([])
  })

  test('where all see, nothing is kept', () => {
    const nothing: Stretches = new Map()
    expect(withMarks(nothing, [sees(0), sees(15)])).toBe(nothing)
  })
})

describe('blind is a vantage', () => {
  const stretches = withMarks(new Map(), [blind(10, 10), sees(20), blind(40, 40)])

  test.each([
    [9.999, false],
    [10, true],
    [19.999, true],
    [20, false],
    [40, true],
    [4_000, true],
  ])('at second %d: %s', (seconds, expected) => {
    expect(isBlindAt(stretches, 'dc', T + seconds * SECOND)).toBe(expected)
  })

  test('of which there are marks, and no other', () => {
    expect(isBlindAt(stretches, 'north', T + 15 * SECOND)).toBe(false)
    expect(isBlindAt(stretches, undefined, T + 15 * SECOND)).toBe(false)
  })

  test.each([
    [0, 9, false],
    [0, 10, true],
    [19, 30, true],
    [20, 39, false],
    [50, 60, true],
  ])('somewhere in seconds %d to %d: %s', (start, end, expected) => {
    const range = { start: T + start * SECOND, end: T + end * SECOND }
    expect(isAnyBlindIn(stretches, range)).toBe(expected)
  })
})

describe('a mark', () => {
  test('is written as a series that says whether, and one that says since when', () => {
    expect(markSample(blind(14, 10)).fields).toEqual({
      wardline_vantage_blind: 1,
      wardline_vantage_blind_since_seconds: T / SECOND + 10,
    })
    expect(markSample(sees(15)).fields).toEqual({ wardline_vantage_blind: 0 })
  })

  test('is read back from both, whatever the name of the vantage', () => {
    const name = JSON.stringify('dc "1", north')
    const csv = [
      `${T},0,wardline_vantage_blind,${name}`,
      `${T + 2 * SECOND},${T / SECOND + 1},wardline_vantage_blind_since_seconds,${name}`,
      `${T + 2 * SECOND},1,wardline_vantage_blind,${name}`,
      '',
    ].join('\n')
    const vantage = 'dc "1", north'
    expect(parseMarks(csv)).toEqual([sees(0, vantage), blind(2, 1, vantage)])
  })

  test('that is the last one tells since when; one that is over tells nothing', () => {
    const point = (name: string, vantage: string, value: number) => ({
      labels: { __name__: name, vantage },
      value,
      at: T,
    })
    const last = [
      point('wardline_vantage_blind', 'dc', 1),
      point('wardline_vantage_blind_since_seconds', 'dc', T / SECOND),
      point('wardline_vantage_blind', 'north', 0),
      point('wardline_vantage_blind_since_seconds', 'north', T / SECOND - 60),
    ]
    expect([...blindSince(last)]).toEqual([['dc', T]])
  })
})
