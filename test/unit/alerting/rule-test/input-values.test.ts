import { describe, expect, test } from 'vitest'
import { numberOf, parseInputValues } from '../../../../alerting/rule-test/input-values.ts'
import { STALE } from '../../../../lib/remote-write.ts'

describe('values in the notation of promtool and vmalert-tool', () => {
  test.each<[text: string, values: unknown]>([
    ['1 2.5 -3 1e3', [1, 2.5, -3, 1000]],
    ['-2+4x3', [-2, 2, 6, 10]],
    ['1-2x4', [1, -1, -3, -5, -7]],
    ['1x4', [1, 1, 1, 1, 1]],
    ['5x0', [5]],
    ['0.5+0.25x2', [0.5, 0.75, 1]],
    ['1e2+1e1x1', [100, 110]],
    ['_ 1 _x3 2', [null, 1, null, null, null, 2]],
    ['_x0 1', [1]],
    ['1 stale 2', [1, STALE, 2]],
    ['NaN Inf -Inf', [Number.NaN, Infinity, -Infinity]],
    ['Infx1', [Infinity, Infinity]],
    ['  1\n 2  ', [1, 2]],
  ])('%s', (text, values) => {
    expect(parseInputValues(text)).toEqual(values)
  })

  test.each([
    ['', 'expected values such as 1 2 _ 4+1x10'],
    ['1 two', '"two" is no number, a+bxn, axn, _, _xn or stale'],
    ['1+2', '"1+2" is no number, a+bxn, axn, _, _xn or stale'],
    ['1x-2', '"1x-2" is no number, a+bxn, axn, _, _xn or stale'],
    ['stalex2', '"stalex2" is no number, a+bxn, axn, _, _xn or stale'],
    ['1x999999 1', 'expected at most 1000000 values in one series'],
  ])('%j is told as wrong', (text, message) => {
    expect(parseInputValues(text)).toBe(message)
  })

  test('native histograms are refused with what to write instead', () => {
    expect(parseInputValues('{{schema:1 sum:3}}x4')).toMatch(/native histograms .* name_bucket/)
  })

  test('a number is read as Go reads it', () => {
    expect(['+Inf', '-inf', 'NaN', '0x10', '1_0'].map(numberOf)).toEqual([
      Infinity,
      -Infinity,
      Number.NaN,
      16,
      Number.NaN,
    ])
  })
})
