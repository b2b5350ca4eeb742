import { describe, expect, test } from 'vitest'
import { RegexError, compileRegex } from '../../../../../collector/snmp/snmp-yml/regex.ts'

describe("a regular expression in Go's syntax matches what Go's would", () => {
  test.each([
    [String.raw`(\d+)\.\d+`, '12.5', '12'],
    [String.raw`temp=(?P<t>-?[0-9.]+)[[:upper:]].*`, 'temp=-3.5C', '-3.5'],
    [String.raw`(?i)TEMP (\d+)`, 'temp 7', '7'],
    [String.raw`(?i:T)emp (\d+)`, 'temp 7', '7'],
    [String.raw`x|y(?i)a(b)|c(d)`, 'YAB', undefined],
    [String.raw`y(?i)a(b)|c(d)`, 'yAB', 'B'],
    [String.raw`y(?i)a(b)|C(D)`, 'cd', 'd'],
    [String.raw`(?U)(a+)(a*)`, 'aaa', 'a'],
    [String.raw`\Qa.b\E(.)`, 'a.bc', 'c'],
    [String.raw`[]a]+(.)`, ']ax', 'x'],
    [String.raw`a{2}(b{,3})`, 'aab{,3}', 'b{,3}'],
    [String.raw`\p{Greek}(\pL)`, 'αβ', 'β'],
    [String.raw`\A(a)\z`, 'a', 'a'],
    [String.raw`(a)$`, 'a\n', undefined],
    [String.raw`(?s)a(.)b`, 'a\nb', '\n'],
  ])('%s on %j', (source, text, group) => {
    const [, ...groups] = compileRegex(source, { isWhole: true }).exec(text) ?? []
    expect(groups.find((each) => each !== undefined)).toBe(group)
  })

  test('anywhere in a text, unless the whole is asked for', () => {
    expect(compileRegex('b').test('abc')).toBe(true)
    expect(compileRegex('b', { isWhole: true }).test('abc')).toBe(false)
    expect(compileRegex('a|b', { isWhole: true }).test('bc')).toBe(false)
  })
})

test('its groups are known by their names, those that took no part are undefined', () => {
  const match = compileRegex('(?P<a>1)|(?P<b>2)').exec('2')
  expect([match?.[0], match?.[1], match?.[2]]).toEqual(['2', undefined, '2'])
  expect({ ...match?.groups }).toEqual({ a: undefined, b: '2' })
})

test('is kept as it was written', () => {
  expect(compileRegex('(?P<a>.)|b', { isWhole: true }).source).toBe('(?P<a>.)|b')
})

test('no text makes it hang', () => {
  const regex = compileRegex('(a*)*b', { isWhole: true })
  expect(regex.exec('a'.repeat(1_024))).toBeNull()
})

test.each([
  ['(a', /missing closing \)/],
  ['a)', /unexpected \)/],
  ['a)(b', /unexpected \)/],
  ['[a', /missing closing \]/],
  ['*a', /repetition/],
  ['(?=a)', /Perl syntax: `\(\?=`/],
  ['(?<!a)', /named capture/],
  [String.raw`(a)\1`, /escape/],
  ['(?X)a', /Perl syntax/],
  [String.raw`\y`, /escape/],
  ['[[:nothing:]]', /class range: `\[:nothing:\]`/],
  ['a{1001}', /repeat count/],
])('%s is refused', (source, message) => {
  const compile = () => compileRegex(source, { isWhole: true })
  expect(compile).toThrow(RegexError)
  expect(compile).toThrow(message)
})
