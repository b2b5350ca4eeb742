import { describe, expect, test } from 'vitest'
import { isCanary, isCanaryUp, nextFlip } from '../../../lib/canary.ts'

const MINUTE = 60_000
const T = Date.UTC(2026, 2, 1, 12)

describe('the canary', () => {
  test.each([
    [0, false],
    [9_999, false],
    [10_000, true],
    [MINUTE, true],
    [5 * MINUTE - 1, true],
    [5 * MINUTE, false],
  ])('%i ms after its turn is up: %s', (after, up) => {
    expect(isCanaryUp(T + after, 5 * MINUTE)).toBe(up)
  })

  test.each([
    [0, { at: T + 10_000, up: true }],
    [9_999, { at: T + 10_000, up: true }],
    [10_000, { at: T + 5 * MINUTE, up: false }],
    [4 * MINUTE, { at: T + 5 * MINUTE, up: false }],
  ])('%i ms after its turn flips next', (after, flip) => {
    expect(nextFlip(T + after, 5 * MINUTE)).toEqual(flip)
  })

  test('is known by the device of its labels', () => {
    expect(isCanary({ device: 'wardline-canary', alertname: 'Canary' })).toBe(true)
    expect(isCanary({ alertname: 'CanaryLost' })).toBe(false)
  })
})
