import { expect, test } from 'vitest'
import { parseChaosOptions, repeatWith } from '../../../chaos/options.ts'

test('a run together has one of each service, and no more', () => {
  const options = parseChaosOptions(['--seed', 'x', '--together'])
  expect(options).toMatchObject({ collectors: 1, alertings: 1, together: true })
  const [, printed = ''] = repeatWith(options).split(' -- ')
  expect(parseChaosOptions(printed.split(' '))).toEqual(options)
  expect(() => parseChaosOptions(['--together', '--collectors', '2'])).toThrow(/--collectors/)
})

test('a run is repeated with the options that it prints', () => {
  const options = parseChaosOptions(['--seed', 'x', '--minutes', '3', '--devices', '200'])
  const [, printed = ''] = repeatWith(options).split(' -- ')
  expect(parseChaosOptions(printed.split(' '))).toEqual(options)
})

test('without a seed each run has another one', () => {
  expect(parseChaosOptions([]).seed).not.toBe(parseChaosOptions([]).seed)
})

test.each([
  [['--minutes', '1'], '--minutes: expected a number from 2 to 600, got "1"'],
  [['--devices', 'many'], '--devices: expected a number from 20 to 5000, got "many"'],
  [['--devices', '20.5'], '--devices: expected a whole number, got "20.5"'],
  [['--collectors', ''], '--collectors: expected a number from 1 to 8, got ""'],
])('%j is refused with the option, what was expected and what was given', (args, message) => {
  expect(() => parseChaosOptions(args)).toThrow(message)
})
