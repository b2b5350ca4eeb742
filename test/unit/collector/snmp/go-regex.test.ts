import { describe, expect, test } from 'vitest'
import { RegexError, goRegExp } from '../../../../collector/snmp/go-regex.ts'

describe("a regular expression in Go's syntax matches what Go's would", () => {
  test.each([
    [String.raw`(\d+)\.\d+`, '12.5', '12'],
    [String.raw`temp=(?P<t>-?[0-9.]+)[[:upper:]].*`, 'temp=-3.5C', '-3.5'],
    [String.raw`(?i)TEMP (\d+)`, 'temp 7', '7'],
    [String.raw`(?i:T)emp (\d+)`, 'temp 7', '7'],
    [String.raw`x|y(?i)a(b)|c(d)`, 'YAB', undefined],
    [String.raw`y(?i)a(b)|c(d)`, 'yAB', 'B'],
    [String.raw`y(?i)a(b)|C(D)`, 'cd', 'd'],
    [String.raw`\Qa.b\E(.)`, 'a.bc', 'c'],
    [String.raw`[\]\-](.)`, ']x', 'x'],
    [String.raw`[]a]+(.)`, ']ax', 'x'],
    [String.raw`a{2}(b{,3})`, 'aab{,3}', 'b{,3}'],
    [String.raw`\%(\w+)\-\_`, '%ab-_', 'ab'],
    [String.raw`\x41\x{42}(C)`, 'ABC', 'C'],
    [String.raw`\p{Greek}(\pL)`, 'αβ', 'β'],
    [String.raw`\A(a)\z`, 'a', 'a'],
    [String.raw`(?s)a(.)b`, 'a\nb', '\n'],
  ])('%s on %j', (source, text, group) => {
    const match = goRegExp(source, { isWhole: true }).exec(text)
    expect(match?.slice(1).find((each) => each !== undefined)).toBe(group)
  })

  test('anywhere in a text, unless the whole is asked for', () => {
    expect(goRegExp('b').test('abc')).toBe(true)
    expect(goRegExp('b', { isWhole: true }).test('abc')).toBe(false)
    expect(goRegExp('a|b', { isWhole: true }).test('bc')).toBe(false)
  })
})

test.each([
  ['(a', /group/i],
  ['a)', /\)/],
  ['[a', /./],
  ['*a', /repeat/],
  ['(?=a)', /lookaround/],
  ['(?<!a)', /lookaround/],
  [String.raw`(a)\1`, /back reference/],
  ['(?U)a', /flags/],
  [String.raw`\y`, /escape/],
  ['[[:nothing:]]', /class/],
])('%s is refused', (source, message) => {
  expect(() => goRegExp(source)).toThrow(RegexError)
  expect(() => goRegExp(source)).toThrow(message)
})
