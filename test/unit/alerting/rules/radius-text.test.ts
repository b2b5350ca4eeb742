import { describe, expect, test } from 'vitest'
import { branchesOf, sentenceOf } from '../../../../alerting/rules/radius-text.ts'
import { device } from '../../../fakes/inventory.ts'

/** So many devices of each branch. */
const radius = (branches: Record<string, number>, confirmed = 0) => ({
  unreachable: Object.entries(branches).flatMap(([branch, count]) =>
    Array.from({ length: count }, (_, index) => device(`${branch}${index}`, { branch })),
  ),
  confirmed,
})

describe('what an outage cuts off, in words', () => {
  test.each([
    ['nothing', radius({}), ''],
    ['one device', radius({ Vake: 1 }), '1 device unreachable behind R1'],
    ['some, none confirmed yet', radius({ Vake: 3 }), '3 devices unreachable behind R1'],
    [
      'one of them confirmed',
      radius({ Vake: 3 }, 1),
      '3 devices unreachable behind R1; 1 of them is confirmed',
    ],
    [
      'some of them confirmed',
      radius({ Vake: 3 }, 2),
      '3 devices unreachable behind R1; 2 of them are confirmed',
    ],
    ['all confirmed', radius({ Vake: 3 }, 3), '3 devices unreachable behind R1'],
    [
      'several branches, the most first',
      radius({ '': 1, Gldani: 2, Vake: 3 }),
      '6 devices unreachable behind R1, in 3 branches (Vake 3, Gldani 2, without a branch 1)',
    ],
    [
      'more branches than a sentence bears',
      radius({ A: 5, B: 4, C: 3, D: 2, E: 1 }, 9),
      '15 devices unreachable behind R1, in 5 branches (A 5, B 4, C 3, 2 more); 9 of them are confirmed',
    ],
  ])('%s', (_, given, words) => {
    expect(sentenceOf(given, 'R1')).toBe(words)
  })

  test('all branches of an annotation are named up to twenty', () => {
    const many = Object.fromEntries(Array.from({ length: 22 }, (_, index) => [`B${index}`, 1]))
    expect(branchesOf(radius(many))).toMatch(/^B0 1, B1 1, .*, B19 1, 2 more$/)
    expect(branchesOf(radius({ Vake: 2 }))).toBe('')
  })
})
