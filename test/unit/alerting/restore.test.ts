import { expect, test } from 'vitest'
import { type Alert, alertKey } from '../../../alerting/alert.ts'
import type { ToldAlert } from '../../../alerting/notify/notification.ts'
import { restoreStates } from '../../../alerting/restore.ts'

const told = (activeAt: number, device = 'a'): ToldAlert => {
  const labels = { alertname: 'HighLatency', device }
  const key = alertKey(labels)
  return { key, labels, annotations: { summary: 'slow' }, value: 1, activeAt, startsAt: activeAt }
}

const left = (activeAt: number, state: Alert['state'] = 'firing', device = 'a'): Alert => ({
  ...told(activeAt, device),
  annotations: {},
  state,
  startsAt: state === 'firing' ? activeAt : 0,
  resolvedAt: 0,
  keepFiringSince: null,
})

const restored = (leftAlerts: readonly Alert[], toldAlerts: readonly ToldAlert[]) =>
  [...(restoreStates(leftAlerts, toldAlerts).get('HighLatency')?.values() ?? [])].map(
    ({ labels, state, activeAt, startsAt }) => [labels['device'], state, activeAt, startsAt],
  )

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
