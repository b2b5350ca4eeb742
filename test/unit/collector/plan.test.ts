import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPlan, offsetOf } from '../../../collector/plan.ts'

const NOON = Date.UTC(2026, 5, 1, 12)
const entry = (key: string, intervalMs = 10_000) => ({ key, intervalMs, target: key })
const keys = (count: number): string[] => Array.from({ length: count }, (_, n) => `device-${n}`)
/** Slot by slot, who is due; from `from` on. */
const slots = (plan: { due(at: number): readonly string[] }, count: number, from = NOON) =>
  Array.from({ length: count }, (_, second) => plan.due(from + second * 1000))

describe('a plan', () => {
  test.each([1, 2, 10, 30, 60, 3_600])(
    'has each target due exactly once in every %i s',
    (seconds) => {
      const names = keys(50)
      const plan = createPlan(names.map((key) => entry(key, seconds * 1000)))
      for (const start of [NOON, NOON + 7_000, 0]) {
        expect(slots(plan, seconds, start).flat().sort()).toEqual([...names].sort())
      }
    },
  )

  test('serves each interval in use side by side', () => {
    const plan = createPlan([entry('fast', 1_000), entry('slow', 5_000), entry('slower', 60_000)])
    const due = slots(plan, 60).flat()
    const times = (key: string): number => due.filter((each) => each === key).length
    expect([times('fast'), times('slow'), times('slower'), plan.size]).toEqual([60, 12, 1, 3])
  })

  test.each([
    [10_000, 1_000],
    [10_000, 30_000],
  ])('spreads %i targets evenly over their interval of %i ms', (count, intervalMs) => {
    const plan = createPlan(keys(count).map((key) => entry(key, intervalMs)))
    const loads = slots(plan, intervalMs / 1000).map((due) => due.length)
    const even = count / loads.length
    // Six standard deviations of an even spread: a hash that clumps is far beyond.
    const slack = 6 * Math.sqrt(even)
    expect(Math.max(...loads)).toBeLessThanOrEqual(even + slack)
    expect(Math.min(...loads)).toBeGreaterThanOrEqual(even - slack)
  })

  test('moves nobody when devices come, go or stand in another order', () => {
    const some = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(some, some, (stay, others) => {
        const staying = stay.map((key) => `stays ${key}`)
        const coming = others.map((key) => `comes ${key}`)
        const before = createPlan(staying.map((key) => entry(key)))
        const after = createPlan([...coming, ...staying].reverse().map((key) => entry(key)))
        for (const key of staying)
          expect(after.nextSlot(key, NOON)).toBe(before.nextSlot(key, NOON))
      }),
    )
  })

  test('has the same offsets in every run of the program', () => {
    expect(['a', 'b', 'თბილისი'].map((key) => offsetOf(key, 30))).toEqual([19, 18, 26])
  })

  test('tells the next slot of a target, the one that begins now included', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 3_600 }),
        fc.integer({ min: 0, max: 2 ** 41 }),
        (key, seconds, at) => {
          const plan = createPlan([entry(key, seconds * 1000)])
          const next = plan.nextSlot(key, at) ?? Number.NaN
          expect(next).toBeGreaterThanOrEqual(at)
          expect(next - at).toBeLessThan(seconds * 1000 + 1000)
          expect(plan.due(next)).toEqual([key])
          const first = Math.ceil(at / 1000) * 1000
          for (let slot = first; slot < Math.min(next, first + 20_000); slot += 1000)
            expect(plan.due(slot)).toEqual([])
        },
      ),
    )
  })

  test('knows nothing of a key that is not in it', () => {
    expect(createPlan([entry('a')]).nextSlot('b', NOON)).toBeNull()
    expect(createPlan<string>([]).due(NOON)).toEqual([])
  })

  test('gives an interval under a second one slot each second', () => {
    const plan = createPlan([entry('a', 200)])
    expect(slots(plan, 3)).toEqual([['a'], ['a'], ['a']])
  })
})
