import { expect, test } from 'vitest'
import { alternativesOf, equalToAny } from '../../../../api/decisions/alternatives.ts'
import { isInside } from '../../../../api/decisions/inside.ts'
import { compileMatcher, parseMatcher } from '../../../../lib/matchers.ts'

test.each([
  ['region="West"', ['West']],
  ['region=~"West|East"', ['West', 'East']],
  [String.raw`region=~"St\\. Gallen|A\\|B"`, ['St. Gallen', 'A|B']],
  ['region=~"დასავლეთი"', ['დასავლეთი']],
  ['region=~"W.*"', null],
  ['region=~"(?i)west"', null],
  [String.raw`region=~"\\w+"`, null],
  ['region=~"West|"', null],
  ['region=""', null],
  ['region!="West"', null],
  ['region!~"West|East"', null],
])('%s lets pass %j', (text, expected) => {
  expect(alternativesOf(parseMatcher(text))).toEqual(expected)
})

test('a matcher of several names lets those pass and no others', () => {
  const names = ['A', 'B.C', 'D|E', 'ქ (1)']
  const matcher = equalToAny('branch', names)

  expect(alternativesOf(matcher)).toEqual(names)
  expect(names.every(compileMatcher(matcher))).toBe(true)
  expect(['', 'BxC', 'D', 'E'].some(compileMatcher(matcher))).toBe(false)
})

test.each<[string[], boolean]>([
  [['region="West"'], true],
  [['branch="Vake"'], true],
  [['region=~"West|South"', 'alertname="X"'], true],
  [['region="East"'], false],
  [['region=~"West|East"'], false],
  [['region=~"We.*"'], false],
  [['region!="East"'], false],
  [['device="r1"'], false],
  [['branch="Gldani"', 'region="West"'], true],
])('H5 %j is inside of the regions West and South and the branch Vake: %s', (texts, expected) => {
  const scope = { regions: ['West', 'South'], branches: ['Vake'] }

  expect(isInside(texts.map(parseMatcher), scope)).toBe(expected)
})
