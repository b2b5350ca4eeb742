import { describe, expect, test } from 'vitest'
import { parsePingSamples } from '../../../../alerting/availability/samples.ts'

describe('exported rows', () => {
  test.each([
    ['nothing', '', {}],
    ['one row', '1000,1,router-1\n', { 'router-1': [[1000, true]] }],
    ['a last row without its line break', '1000,0,router-1', { 'router-1': [[1000, false]] }],
    [
      'line breaks of another system',
      '1000,1,a\r\n2000,0,a\r\n',
      {
        a: [
          [1000, true],
          [2000, false],
        ],
      },
    ],
    ['rows of several devices', '1000,1,a\n1000,0,b\n', { a: [[1000, true]], b: [[1000, false]] }],
    [
      'a device of two series, out of order',
      '3000,0,a\n1000,1,a\n2000,1,a\n',
      {
        a: [
          [1000, true],
          [2000, true],
          [3000, false],
        ],
      },
    ],
    ['an id with a comma', '1000,1,"a,b"\n', { 'a,b': [[1000, true]] }],
    ['an id with quotes', '1000,1,"q\\"uote"\n', { 'q"uote': [[1000, true]] }],
    ['an id with a backslash', '1000,1,back\\slash\n', { 'back\\slash': [[1000, true]] }],
    ['an id of spaces and unicode', '1000,1,სოფო 😀\n', { 'სოფო 😀': [[1000, true]] }],
    [
      'an empty line between',
      '1000,1,a\n\n2000,1,a\n',
      {
        a: [
          [1000, true],
          [2000, true],
        ],
      },
    ],
    ['a row that is cut off', '1000,1,a\n2000', { a: [[1000, true]] }],
  ])('%s', (_, csv, expected) => {
    const samples = Object.fromEntries(
      [...parsePingSamples(csv)].map(([id, list]) => [id, list.map(({ at, up }) => [at, up])]),
    )
    expect(samples).toEqual(expected)
  })
})

describe('rows that say who probed', () => {
  test.each([
    ['plain names', '1000,1,dc,a\n', [1000, true, 'dc', 'a']],
    [
      'a vantage with a comma and a quote',
      '1000,0,"dc, \\"1\\"",a\n',
      [1000, false, 'dc, "1"', 'a'],
    ],
    ['a vantage that ends with a backslash', '1000,0,"a,\\\\",b\n', [1000, false, 'a,\\', 'b']],
    ['an id with a comma', '1000,1,dc,"a,b"\n', [1000, true, 'dc', 'a,b']],
    ['nobody', '1000,1,,wardline-canary\n', [1000, true, '', 'wardline-canary']],
  ])('%s', (_, csv, expected) => {
    const rows = [...parsePingSamples(csv, true)].flatMap(([id, list]) =>
      list.map(({ at, up, vantage }) => [at, up, vantage, id]),
    )
    expect(rows).toEqual([expected])
  })

  test('a row that is cut off is left out', () => {
    expect(parsePingSamples('1000,1,dc\n', true).size).toBe(0)
  })
})
