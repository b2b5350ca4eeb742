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

test('ten at once leave others as much as one does', async () => {
  let longestMs = 0
  let isDone = false
  const others = (async () => {
    let lastAt = process.cpuUsage().user
    while (!isDone) {
      await setImmediate()
      const at = process.cpuUsage().user
      longestMs = Math.max(longestMs, (at - lastAt) / 1000)
      lastAt = at
    }
  })()
  const made = await Promise.all(Array.from({ length: 10 }, (_, place) => inSlices(work(place))))
  isDone = true
  await others

  expect(made).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(longestMs).toBeLessThan(8)
})

test('a long one holds back none that came after it', async () => {
  let isLongDone = false
  const long = inSlices(work(200)).then(() => (isLongDone = true))
  await Promise.all([inSlices(work(2)), inSlices(work(2))])

  expect(isLongDone).toBe(false)
  await long
})

test('an error of the work is the error of the whole', async () => {
  function* failing(): Sliced<never> {
    yield
    throw new Error('no')
  }

  await expect(inSlices(failing())).rejects.toThrow('no')
})
