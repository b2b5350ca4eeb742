import { expect, test } from 'vitest'
import { selfRules } from '../../../../alerting/rules/self.ts'
import { MOST_SKEW_MS } from '../../../../lib/clock-skew.ts'

test('ClockSkew fires from where the log and health tell of a clock that is off (B5)', () => {
  const rule = selfRules(15_000).rules.find((each) => 'alert' in each && each.alert === 'ClockSkew')
  const [, threshold] = /^abs\(.*\) >= ([\d.]+)$/.exec(String(rule?.expr)) ?? []
  expect(Number(threshold) * 1_000).toBe(MOST_SKEW_MS)
})
