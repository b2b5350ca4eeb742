import { expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { deliveredOf, withTheirStarts } from '../../../../alerting/notify/delivered.ts'
import { alertOf } from './alerts.ts'
import { T } from './notifier-stand.ts'

const had = (device: string, startsAt: number, receiver = 'ops') => ({
  labels: { receiver, alertname: 'DeviceDown', device },
  value: startsAt / 1000,
  at: T,
})
const other = { ...alertOf('a', T), key: 'another uplink of it' }

test.each<[string, readonly Alert[], ReturnType<typeof had>[], string[]]>([
  ['who had it, to the millisecond', [alertOf('a', T)], [had('a', T + 123)], ['ops 123']],
  ['each receiver', [alertOf('a', T)], [had('a', T), had('a', T, 'boss')], ['ops 0', 'boss 0']],
  ['not who had the outage before it', [alertOf('a', T)], [had('a', T - 60_000)], []],
  ['not who had another device’s', [alertOf('a', T)], [had('b', T)], []],
  ['nobody where several are of one rule and device', [alertOf('a', T), other], [had('a', T)], []],
])('of an alert that fires the history names %s', (_, firing, began, expected) => {
  const found = deliveredOf(firing, began)
  expect(found.map(({ receiver, startsAt }) => `${receiver} ${startsAt - T}`)).toEqual(expected)
})

test('what was delivered goes on with its beginning, the rest as it is', () => {
  const [a, b] = [alertOf('a', T), alertOf('b', T)]
  const delivered = deliveredOf([a, b], [had('a', T + 123)])
  const starts = withTheirStarts([a, b], delivered).map(({ startsAt }) => startsAt - T)
  expect(starts).toEqual([123, 0])
})
