import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../../collector/traps/budget.ts'
import { createRepeats } from '../../../../collector/traps/repeats.ts'

describe('the budget of a tenth of a second', () => {
  const takeAll = (budget: ReturnType<typeof createBudget>, source: string, now: number): number =>
    Array.from({ length: 100 }, () => budget.take(source, now)).filter(Boolean).length

  test('is so much for each source, and so much in all', () => {
    const budget = createBudget({ perSource: 20, inAll: 50 })
    expect(['a', 'b', 'c', 'd'].map((source) => takeAll(budget, source, 0))).toEqual([
      20, 20, 10, 0,
    ])
  })

  test('is new in the next one', () => {
    const budget = createBudget({ perSource: 20, inAll: 20 })
    takeAll(budget, 'a', 0)
    expect([takeAll(budget, 'a', 99), takeAll(budget, 'b', 100)]).toEqual([0, 20])
  })
})

describe('what was seen', () => {
  const bounds = { memoryMs: 1_000, most: 10 }

  test('is known for as long as it is kept, and for twice as long at most', () => {
    const repeats = createRepeats(bounds)
    expect(repeats.isRepeat('a', 0)).toBe(false)
    expect(repeats.isRepeat('a', 999)).toBe(true)
    expect(repeats.isRepeat('b', 1_500)).toBe(false)
    expect(repeats.isRepeat('a', 2_600)).toBe(false)
  })

  test('is forgotten when nothing came for long', () => {
    const repeats = createRepeats(bounds)
    repeats.isRepeat('a', 0)
    expect(repeats.isRepeat('a', 5_000)).toBe(false)
  })

  test('is bounded in number: the oldest are forgotten first', () => {
    const repeats = createRepeats(bounds)
    for (let n = 0; n < 30; n++) repeats.isRepeat(`key ${n}`, 0)
    expect(repeats.isRepeat('key 29', 0)).toBe(true)
    expect(repeats.isRepeat('key 0', 0)).toBe(false)
  })
})
