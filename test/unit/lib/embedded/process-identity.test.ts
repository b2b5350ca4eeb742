import { expect, test } from 'vitest'
import { identify, isAlive, parseStat } from '../../../../lib/embedded/process-identity.ts'

const numbers = (startTicks: number) =>
  `1 42 42 0 -1 4194560 1 0 0 0 7 3 0 0 20 0 1 0 ${startTicks} 9 8`

test.each([
  ['a plain name', `42 (redis-server) S ${numbers(123)}`],
  ['a name with spaces and parentheses', `42 (a) b (c) S ${numbers(123)}`],
])('the state and the start are read from the stat of a process with %s', (_, text) => {
  expect(parseStat(text)).toEqual({ state: 'S', startTicks: 123 })
})

test('a text that is no stat is not a process', () => {
  expect(parseStat('')).toBeNull()
  expect(parseStat('42 (x) S 1 2')).toBeNull()
})

test('this process is alive; another one that was given its number is not taken for it', () => {
  const own = identify(process.pid)
  if (own === null) throw new Error('expected /proc')
  expect(isAlive(own)).toBe(true)
  expect(isAlive({ ...own, startTicks: own.startTicks - 1 })).toBe(false)
  expect(isAlive({ ...own, bootId: 'before the last boot' })).toBe(false)
})
