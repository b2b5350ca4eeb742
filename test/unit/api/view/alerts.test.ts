import { expect, test } from 'vitest'
import { readAlerts } from '../../../../api/view/alerts.ts'
import { AT, alertPoints, point } from '../fleet-vectors.ts'

test('an alert has the start that its state has', () => {
  const labels = { alertname: 'DeviceDown', severity: 'critical', device: 'd', branch: 'b' }

  expect(readAlerts(alertPoints(labels, 'firing', 90_000))).toEqual([
    {
      name: 'DeviceDown',
      severity: 'critical',
      state: 'firing',
      device: 'd',
      activeAt: AT - 90_000,
      labels,
      held: [],
    },
  ])
})

test('one that was pending and is firing is told once, as firing', () => {
  const labels = { alertname: 'HighLatency', device: 'd' }
  const pending = alertPoints(labels, 'pending', 1_000)
  const firing = alertPoints(labels, 'firing', 1_000)

  expect(readAlerts([...pending, ...firing]).map(({ state }) => state)).toEqual(['firing'])
  expect(readAlerts([...firing, ...pending]).map(({ state }) => state)).toEqual(['firing'])
})

test('the worst come first, then the oldest', () => {
  const alerts = readAlerts([
    ...alertPoints({ alertname: 'A', severity: 'warning', device: '1' }, 'firing', 9_000),
    ...alertPoints({ alertname: 'B', severity: 'critical', device: '2' }, 'firing', 1_000),
    ...alertPoints({ alertname: 'C', severity: 'odd' }, 'firing', 99_000),
    ...alertPoints({ alertname: 'D', severity: 'critical', device: '3' }, 'firing', 5_000),
  ])

  expect(alerts.map(({ name }) => name)).toEqual(['D', 'B', 'A', 'C'])
})

test('one without a known start, device or severity says so with null', () => {
  const vector = [point(1, { __name__: 'ALERTS', alertstate: 'firing', alertname: 'X' })]

  expect(readAlerts(vector)).toMatchObject([{ activeAt: null, device: null, severity: null }])
})
