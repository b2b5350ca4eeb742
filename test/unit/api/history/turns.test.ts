import { expect, test } from 'vitest'
import { createTurns } from '../../../../api/history/turns.ts'
import { manualClock } from '../../../fakes/clock.ts'

const busy = { status: 503, title: 'Busy' }
const reader = new AbortController().signal

/** Work that ends when the test says so. */
function slowWork() {
  const end = Promise.withResolvers<void>()
  let started = 0
  return {
    work: async () => {
      started++
      await end.promise
      return 'done'
    },
    end: end.resolve,
    started: () => started,
  }
}

test('two are asked at once, thirty wait, and one more is refused at once', async () => {
  const take = createTurns(manualClock(0))
  const slow = slowWork()
  const taken = Array.from({ length: 32 }, () => take(slow.work, reader))

  await expect(take(slow.work, reader)).rejects.toMatchObject(busy)
  expect(slow.started()).toBe(2)
  slow.end()
  expect(new Set(await Promise.all(taken))).toEqual(new Set(['done']))
  await expect(take(async () => 'well', reader)).resolves.toBe('well')
})

test('one that waited 10 s for its turn is refused, and not asked', async () => {
  const clock = manualClock(0)
  const take = createTurns(clock)
  const slow = slowWork()
  const taken = [take(slow.work, reader), take(slow.work, reader)]
  const waiting = take(slow.work, reader)
  await clock.advance(10_000)
  slow.end()

  await expect(waiting).rejects.toMatchObject(busy)
  await Promise.all(taken)
  expect(slow.started()).toBe(2)
})

test('one whose reader has gone is not asked', async () => {
  const take = createTurns(manualClock(0))
  const slow = slowWork()
  const gone = new AbortController()
  const taken = [take(slow.work, reader), take(slow.work, reader)]
  const waiting = take(slow.work, gone.signal)
  const reason = new Error('gone')
  gone.abort(reason)
  slow.end()

  await expect(waiting).rejects.toBe(reason)
  await Promise.all(taken)
  expect(slow.started()).toBe(2)
})
