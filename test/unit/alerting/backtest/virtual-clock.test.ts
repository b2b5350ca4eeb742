import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../../alerting/backtest/virtual-clock.ts'

const never = new AbortController().signal

test('whoever sleeps wakes at its own instant, and what it does then is done before the next', async () => {
  const clock = createVirtualClock(0)
  const log: string[] = []
  const sleep = async (at: number, name: string): Promise<void> => {
    await clock.sleepUntil(at, never)
    log.push(`${name} ${clock.now()}`)
  }
  const later = sleep(30, 'late')
  const twice = sleep(10, 'first').then(() => sleep(20, 'second'))
  await clock.moveTo(25)
  expect(log).toEqual(['first 10', 'second 20'])
  expect(clock.now()).toBe(25)
  await clock.moveTo(30)
  await Promise.all([later, twice])
  expect(log.at(-1)).toBe('late 30')
})

test('a sleep that is past ends at once, and an aborted one rejects', async () => {
  const clock = createVirtualClock(100)
  await clock.sleepUntil(50, never)
  const controller = new AbortController()
  const sleeping = clock.sleepUntil(200, controller.signal)
  controller.abort(new Error('no more'))
  await expect(sleeping).rejects.toThrow('no more')
  await clock.moveTo(300)
  expect(clock.now()).toBe(300)
})
