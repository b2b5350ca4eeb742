import { expect, test } from 'vitest'
import { parseMetricsqlDuration } from '../../../alerting/metricsql-duration.ts'

test.each([
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['1w', 604_800_000],
  ['1y', 31_536_000_000],
  ['500ms', 500],
  ['-5m', -300_000],
  ['90', 90_000],
  ['0', 0],
  ['.5s', 500],
  ['', null],
  ['5 m', null],
  ['5min', null],
  ['m', null],
  ['1h-5m', null],
])('%s', (text, ms) => {
  expect(parseMetricsqlDuration(text)).toBe(ms)
})
