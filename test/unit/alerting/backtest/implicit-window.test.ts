import { expect, test } from 'vitest'
import { hasImplicitWindow } from '../../../../alerting/backtest/implicit-window.ts'

test.each([
  'last_over_time(up[5m]) == 0',
  'sum(rate(http{a="b[c"}[5m])) by (job) > 5',
  'max by (device, branch) (avg_over_time(ping[50000ms])) and on(device) (max by (device) (last_over_time(s[10m])) == 1)',
  'max_over_time(rate(x[5m])[1h:1m])',
  'max_over_time({__name__=~"x"}[1h] offset 5m)',
  'histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))',
  'rate(a[1m]) / on(a) group_left(b) rate(b[1m]) # up',
  'time() > 5',
  'vector(1) + inf',
  '1',
])('%s writes its windows out', (expr) => {
  expect(hasImplicitWindow(expr)).toBe(false)
})

test.each([
  'up',
  'up{job="a"} == 0',
  '{__name__="up"} == 0',
  'rate(x)',
  'sum(last_over_time(x[5m])) + y',
  'count_over_time(up[5m:])',
  'max_over_time(x[:1m])',
  'rate(x[5i])',
  'max_over_time(x[1m]) > step()',
  'WITH (a = last_over_time(x[1m])) a',
])('%s leaves a window open', (expr) => {
  expect(hasImplicitWindow(expr)).toBe(true)
})
