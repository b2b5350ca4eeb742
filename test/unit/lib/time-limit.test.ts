import { expect, test } from 'vitest'
import type { FailureReason } from '../../../lib/victoriametrics.ts'
import { createTimeLimit } from '../../../lib/time-limit.ts'

type Step = FailureReason | number

/** The limit after each of these: a failure, or an answer that took so many milliseconds. */
function limitsAfter(steps: readonly Step[], first?: number): number[] {
  const limit = createTimeLimit({
    least: 4_000,
    most: 30_000,
    ...(first !== undefined && { first }),
  })
  return steps.map((step) => {
    if (typeof step === 'number') limit.answered(step)
    else limit.failed(step)
    return limit.ms
  })
}

test.each<[what: string, steps: Step[], limits: number[]]>([
  ['a mute connection is given up as soon as any', ['timeout'], [4_000]],
  [
    'who is as slow on a new one is waited for longer each time, up to a bound',
    ['timeout', 'timeout', 'timeout', 'timeout', 'timeout'],
    [4_000, 8_000, 16_000, 30_000, 30_000],
  ],
  [
    'of who answers slowly twice as long is waited for',
    ['timeout', 'timeout', 6_000, 6_500],
    [4_000, 8_000, 12_000, 13_000],
  ],
  [
    'who is quick again is waited for less and less',
    [14_999.6, 5.1, 5, 5, 5],
    [30_000, 15_000, 7_500, 4_000, 4_000],
  ],
  [
    'what cannot be reached is not slow',
    ['timeout', 'timeout', 'unreachable', 'timeout'],
    [4_000, 8_000, 4_000, 4_000],
  ],
  ['nor what refuses', ['timeout', 'overloaded', 'timeout'], [4_000, 4_000, 4_000]],
])('%s', (_, steps, limits) => {
  expect(limitsAfter(steps)).toEqual(limits)
})

test('what was never asked before may take as long as any', () => {
  expect(limitsAfter([20, 20, 20, 20, 'unreachable', 20], 30_000)).toEqual([
    15_000, 7_500, 4_000, 4_000, 30_000, 15_000,
  ])
})
