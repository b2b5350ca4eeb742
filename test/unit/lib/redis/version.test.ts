import { expect, test } from 'vitest'
import { isBehind, versionText } from '../../../../lib/redis/version.ts'

test.each([
  ['nothing is known', null, '3-a', false],
  ['nothing is there any more', '3-a', null, true],
  ['it is the same', '3-a', '3-a', false],
  ['it went on', '3-a', '12-b', false],
  ['it went back', '12-a', '9-b', true],
  ['it went back, and on to the same count', '12-a', '12-b', true],
  ['a former release wrote it', '12', '13', false],
])('whether Redis lacks something where %s', (_, known, found, expected) => {
  expect(isBehind(known, found)).toBe(expected)
})

test('a version is its count alone where a former release wrote it', () => {
  expect([versionText(null, 'a'), versionText('3', null), versionText('3', 'a')]).toEqual([
    null,
    '3',
    '3-a',
  ])
})
