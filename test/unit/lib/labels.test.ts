import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labelsKey, quoteLabelValue, selectValues } from '../../../lib/labels.ts'

const labels = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true })

describe('the key of a label set', () => {
  test.each([
    ['another value', { a: '1' }, { a: '2' }],
    ['another name', { a: '1' }, { b: '1' }],
    ['one label more', { a: '1' }, { a: '1', b: '2' }],
    ['a value that looks like two labels', { a: '1","b":"2' }, { a: '1', b: '2' }],
    ['names and values that run together', { ab: 'c' }, { a: 'bc' }],
  ])('tells apart %s', (_, one, other) => {
    expect(labelsKey(one)).not.toBe(labelsKey(other))
  })

  test('is one for any order of the names', () => {
    fc.assert(
      fc.property(labels, (each) => {
        const turned = Object.fromEntries(Object.entries(each).reverse())
        expect(labelsKey(turned)).toBe(labelsKey(each))
      }),
    )
  })

  test('is one for an empty value and an absent label', () => {
    expect(labelsKey({ a: '1', b: '' })).toBe(labelsKey({ a: '1' }))
    expect(labelsKey({ a: '' })).toBe(labelsKey({}))
  })

  test('differs for sets that differ', () => {
    const present = (each: Record<string, string>) =>
      JSON.stringify(
        Object.entries(each)
          .filter(([, text]) => text !== '')
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    fc.assert(
      fc.property(labels, labels, (one, other) => {
        expect(labelsKey(one) === labelsKey(other)).toBe(present(one) === present(other))
      }),
    )
  })
})

test.each([
  ['a"b', '"a\\"b"'],
  ['a\\b', '"a\\\\b"'],
  ['a\nb', '"a\\nb"'],
  ['ვაკე 🛰️', '"ვაკე 🛰️"'],
])('a selector quotes %j as %s (F2)', (value, quoted) => {
  expect(quoteLabelValue(value)).toBe(quoted)
})

test('a selector of values takes each of them as it is', () => {
  expect(selectValues('device', ['a|b'])).toBe('device="a|b"')
  expect(selectValues('device', ['a|b', 'c.d'])).toBe(String.raw`device=~"a\\|b|c\\.d"`)
})
