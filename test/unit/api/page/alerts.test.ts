import { expect, test } from 'vitest'
import { historySpan } from '../../../../api/alerts/history/span.ts'
import { ALERT_DAYS } from './modules.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 23)

test.each(ALERT_DAYS)('the last %s days of alerts, which the page offers, are answered', (days) => {
  const from = NOW - Number(days) * DAY_MS

  expect(historySpan({ from }, NOW)).toEqual({ from, to: NOW })
})
