import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Sliced, atOnce, inSlices } from '../../../lib/slices.ts'

/** Pieces that take a millisecond each. */
function* work(pieces: number): Sliced<number> {
  for (let piece = 0; piece < pieces; piece++) {
    const until = performance.now() + 1
    while (performance.now() < until);
    yield
  }
  return pieces
}

test('what is done piece by piece comes to the same as in one go', async () => {
  expect(atOnce(work(3))).toBe(3)
  expect(await inSlices(work(3))).toBe(3)
})

test('others run meanwhile', async () => {
  let turns = 0
  let isDone = false
  const others = (async () => {
    while (!isDone) {
      await setImmediate()
      turns++
    }
  })()
  await inSlices(work(40))
  isDone = true
  await others

  expect(turns).toBeGreaterThanOrEqual(4)
})

test('an error of the work is the error of the whole', async () => {
  function* failing(): Sliced<never> {
    yield
    throw new Error('no')
  }

  await expect(inSlices(failing())).rejects.toThrow('no')
})
