import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  type Matcher,
  MatcherError,
  compileMatchers,
  formatMatcher,
  formatMatchers,
  matchesEverything,
  parseMatcher,
  parseMatchers,
} from '../../../lib/matchers.ts'

const matcher = (name: string, operator: string, value: string): Matcher => ({
  name,
  value,
  isRegex: operator.endsWith('~'),
  isEqual: operator.startsWith('='),
})

describe('a matcher', () => {
  test.each([
    ['branch="Vake"', matcher('branch', '=', 'Vake')],
    ['branch=Vake', matcher('branch', '=', 'Vake')],
    ['  branch =  Vake  ', matcher('branch', '=', 'Vake')],
    ['branch!="Vake"', matcher('branch', '!=', 'Vake')],
    ['device=~"sw-.*"', matcher('device', '=~', 'sw-.*')],
    ['device!~sw-.*', matcher('device', '!~', 'sw-.*')],
    ['branch=', matcher('branch', '=', '')],
    ['branch=""', matcher('branch', '=', '')],
    ['branch=Vake,device=r1', matcher('branch', '=', 'Vake,device=r1')],
    ['branch==Vake', matcher('branch', '=', '=Vake')],
    [String.raw`text="say \"hi\"\n\\ \d"`, matcher('text', '=', 'say "hi"\n\\ \\d')],
    [String.raw`text=a\nb\d`, matcher('text', '=', 'a\nb\\d')],
    ['branch="ვაკე, 2"', matcher('branch', '=', 'ვაკე, 2')],
    ['1x=y', matcher('1x', '=', 'y')],
    ['"a name"="x"', matcher('a name', '=', 'x')],
    ['ქალაქი="x"', matcher('ქალაქი', '=', 'x')],
    [String.raw`"a\tb"="A\x41\u10d0"`, matcher('a\tb', '=', 'AAა')],
  ])('%s', (text, expected) => {
    expect(parseMatcher(text)).toEqual(expected)
  })

  test.each([
    '',
    'branch',
    '=Vake',
    '{branch=Vake}',
    'branch,device=r1',
    '"a b"=c,d=e',
    'branch=Vake}',
    'branch="Vake',
    'branch=Va"ke',
    'branch="Va"ke"',
    'device=~"("',
    'device=~"(?=x)"',
    '\ud800=x',
    String.raw`"a b"="\xff"`,
    String.raw`"a b"="\q"`,
  ])('%j is none', (text) => {
    expect(() => parseMatcher(text)).toThrow(MatcherError)
  })

  it('is read back as it was written, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    const name = fc.oneof(
      fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,10}$/),
      text.filter((value) => value !== '' && value.isWellFormed()),
    )
    const matchers = fc.array(
      fc.record({
        name,
        value: text.filter((value) => value.isWellFormed()),
        isRegex: fc.constant(false),
        isEqual: fc.boolean(),
      }),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(matchers, (given) => {
        expect(parseMatchers(formatMatchers(given))).toEqual(given)
        expect(given.map(formatMatcher).map(parseMatcher)).toEqual(given)
      }),
    )
  })
})

describe('matchers', () => {
  test.each([
    ['', 0],
    ['{}', 0],
    ['branch="a,b",device=~"r[1,2]"', 2],
    ['{branch=a, device!=b,}', 2],
    // As Alertmanager's first grammar has it: a brace may be at either end.
    ['{branch=a', 1],
  ])('%j are %i', (text, count) => {
    expect(parseMatchers(text)).toHaveLength(count)
  })

  test.each(['branch=a,,device=b', '{"a b"=c}}', '{"a b"=c'])('%j are none', (text) => {
    expect(() => parseMatchers(text)).toThrow(MatcherError)
  })

  const labels = { device: 'sw-1', branch: 'Vake' }
  test.each([
    ['device=sw-1,branch=Vake', true],
    ['device=sw-1,branch=Gldani', false],
    ['device=~"sw-.*"', true],
    ['device=~"sw"', false],
    ['device=~"rt-1|sw-1"', true],
    ['device=~"rt-1|sw-10"', false],
    ['device!~"rt-.*"', true],
    ['region=""', true],
    ['region!=""', false],
    ['region=~".*"', true],
    ['region=~".+"', false],
    ['region!~".+"', true],
    ['', true],
  ])('%s: %s', (text, expected) => {
    expect(compileMatchers(parseMatchers(text))(labels)).toBe(expected)
  })

  test.each([
    ['', true],
    ['a=""', true],
    ['a=~".*",b=""', true],
    ['a=~".*",b="x"', false],
    ['a!="x"', false],
  ])('%j match everything: %s', (text, expected) => {
    expect(matchesEverything(parseMatchers(text))).toBe(expected)
  })
})
