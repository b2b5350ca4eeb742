import { expect, test } from 'vitest'
import { chooseLogLevel } from '../../../lib/log.ts'
import { StartError } from '../../../lib/start-error.ts'

test.each([
  [undefined, 'warn'],
  ['', 'warn'],
  ['debug', 'debug'],
])('with WARDLINE_LOG_LEVEL %j and log_level warn it is %s', (wanted, level) => {
  expect(chooseLogLevel('warn', wanted)).toBe(level)
})

test('a level that there is not is refused with the nearest one', () => {
  expect(() => chooseLogLevel('info', 'inof')).toThrow(
    new StartError(
      'WARDLINE_LOG_LEVEL: expected one of trace, debug, info, warn, error, got "inof", did you mean info?',
    ),
  )
})
