import { expect, test } from 'vitest'
import { type Alert, alertKey } from '../../../alerting/alert.ts'
import type { ToldAlert } from '../../../alerting/notify/notification.ts'
import { goingOn } from '../../../alerting/restore.ts'

const alertOf = (activeAt: number, more: Partial<Alert> = {}, device = 'a'): Alert => {
  const labels = { alertname: 'HighLatency', device }
  return {
    key: alertKey(labels),
    groupId: 'g',
    ruleId: 'r',
    labels,
    annotations: {},
    value: 1,
    revision: '',
    state: 'firing',
    activeAt,
    startsAt: activeAt,
    resolvedAt: 0,
    keepFiringSince: null,
    ...more,
  }
}

const left = (activeAt: number, state: Alert['state'] = 'firing', more: Partial<Alert> = {}) =>
  alertOf(activeAt, { state, startsAt: state === 'firing' ? activeAt : 0, ...more })

const told = (activeAt: number, device = 'a'): ToldAlert => {
  const { state: _, resolvedAt: __, keepFiringSince: ___, ...rest } = alertOf(activeAt, {}, device)
  return { ...rest, annotations: { summary: 'slow' }, revisedAt: 0 }
}

const restored = (leftAlerts: readonly Alert[], toldAlerts: readonly ToldAlert[]) =>
  goingOn(leftAlerts, toldAlerts).map(({ labels, state, activeAt, startsAt }) => [
    labels['device'],
    state,
    activeAt,
    startsAt,
  ])

test.each([
  ['what VictoriaMetrics shows goes on', [left(5_000)], [], [['a', 'firing', 5_000, 5_000]]],
  ['pending goes on pending', [left(5_000, 'pending')], [], [['a', 'pending', 5_000, 0]]],
  ['what was told counts as firing', [], [told(5_123)], [['a', 'firing', 5_123, 5_123]]],
  [
    'what was told is exact where the series has whole seconds',
    [left(5_000)],
    [told(5_123)],
    [['a', 'firing', 5_123, 5_123]],
  ],
  [
    'an occurrence that nobody was told of is newer than one that was',
    [left(9_000)],
    [told(5_123)],
    [['a', 'firing', 9_000, 9_000]],
  ],
  [
    'of two receivers the one that knows more counts',
    [],
    [told(9_500), told(5_123)],
    [['a', 'firing', 9_500, 9_500]],
  ],
  ['… whatever their order', [], [told(5_123), told(9_500)], [['a', 'firing', 9_500, 9_500]]],
  [
    'others are others',
    [left(5_000)],
    [told(5_123, 'b')],
    [
      ['a', 'firing', 5_000, 5_000],
      ['b', 'firing', 5_123, 5_123],
    ],
  ],
])('%s', (_, leftAlerts, toldAlerts, expected) => {
  expect(restored(leftAlerts, toldAlerts)).toEqual(expected)
})

test('since when an alert fires on without its condition is known of the same occurrence only', () => {
  const since = { keepFiringSince: 8_000 }
  const of = (activeAt: number) =>
    goingOn([left(activeAt, 'firing', since)], [told(5_123)]).map((alert) => alert.keepFiringSince)
  expect(of(5_000)).toEqual([8_000])
  expect(of(3_000)).toEqual([null])
})
