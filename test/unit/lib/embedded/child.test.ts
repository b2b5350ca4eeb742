import { expect, test } from 'vitest'
import { restartDelayMs } from '../../../../lib/embedded/child.ts'

test('a child that ended for the first time is started again at once, then at growing intervals up to 10 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 50].map(restartDelayMs)).toEqual([
    0, 250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000,
  ])
})
