import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type NextSlot,
  clearOfSlots,
  expectedDownSince,
  expectedUpSince,
} from '../../../lab/expectation.ts'

/** Every 10 s, at 3 s past. */
const nextSlot: NextSlot = (key, at) =>
  key === 'known' ? Math.ceil((at - 3_000) / 10_000) * 10_000 + 3_000 : null
const change = (at: number) => ({ askedAt: at - 5, at })

describe('the expected down_since', () => {
  test.each([
    ['well before a slot', 8_700, { at: 13_000, certain: true, earliest: 13_000 }],
    ['right at a slot', 13_000, { at: 13_000, certain: true, earliest: 13_000 }],
    ['while a probe is being sent', 13_100, { at: 23_000, certain: false, earliest: 13_000 }],
    ['after the probe was answered', 13_700, { at: 23_000, certain: true, earliest: 23_000 }],
  ])('of an outage that begins %s', (_when, at, expected) => {
    expect(expectedDownSince(change(at), 'known', nextSlot)).toEqual(expected)
  })

  test('is null for a target that is never probed', () => {
    expect(expectedDownSince(change(8_700), 'unknown', nextSlot)).toBeNull()
  })

  test('is certain for every outage that keeps clear of slots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (at) => {
        const down = change(clearOfSlots(at))
        expect(expectedDownSince(down, 'known', nextSlot)?.certain).toBe(true)
        expect(expectedUpSince(down, 'known', nextSlot)?.certain).toBe(true)
      }),
    )
  })
})

describe('the expected end', () => {
  test.each([
    ['before a slot', 12_700, { at: 13_000, certain: true, earliest: 13_000 }],
    ['between the echoes of a probe', 13_700, { at: 13_000, certain: true, earliest: 13_000 }],
    ['as the last echo is sent', 14_100, { at: 23_000, certain: false, earliest: 13_000 }],
    ['after the last echo', 14_700, { at: 23_000, certain: true, earliest: 23_000 }],
  ])('of an outage that ends %s', (_when, at, expected) => {
    expect(expectedUpSince(change(at), 'known', nextSlot)).toEqual(expected)
  })
})
