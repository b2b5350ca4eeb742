import { describe, expect, test } from 'vitest'
import { excludedBy } from '../../../../api/reports/maintenance.ts'
import type { MaintenanceWindow, Schedule } from '../../../../lib/decisions/window.ts'
import { parseMatchers } from '../../../../lib/matchers.ts'
import { device } from '../../../fakes/inventory.ts'

const DAY = 86_400_000
const from = Date.parse('2026-10-24T00:00:00Z')
const range = { from, until: from + 3 * DAY }
const vake = device('v1')
const gori = device('g1', { branch: 'Gori' })

const windowOf = (matchers: string, schedule: Schedule, id = 'w1'): MaintenanceWindow => ({
  id,
  name: id,
  matchers: parseMatchers(matchers),
  schedule,
  createdBy: 'alice',
  comment: '',
  updatedAt: 1,
})
const once = (startsAt: number, endsAt: number): Schedule => ({ kind: 'once', startsAt, endsAt })
const hours = (spans: readonly { from: number; until: number }[]): number[] =>
  spans.map((span) => (span.until - span.from) / 3_600_000)

describe('the time that planned work excuses', () => {
  test('is that of the devices that a window matches, as far as it lies in the range', () => {
    const excluded = excludedBy(
      [windowOf('branch="Gori"', once(from - DAY, from + DAY))],
      [vake, gori],
      range,
    )

    expect(excluded.of(vake)).toEqual([])
    expect(excluded.of(gori)).toEqual([{ from, until: from + DAY }])
    expect(excluded.windows).toMatchObject([{ devices: 1 }])
  })

  test('of windows that overlap is counted once', () => {
    const windows = [
      windowOf('branch="Gori"', once(from, from + 2 * 3_600_000), 'a'),
      windowOf('device="g1"', once(from + 3_600_000, from + 3 * 3_600_000), 'b'),
    ]

    expect(hours(excludedBy(windows, [gori], range).of(gori))).toEqual([3])
  })

  test('recurs on the clock of its zone, across the night in which that changes', () => {
    // 01:30 in Berlin: 23:30 the day before until the 25th of October, 00:30 from then on.
    const nightly = windowOf('branch="Gori"', {
      kind: 'recurring',
      cron: '30 1 * * *',
      durationMs: 3_600_000,
      timeZone: 'Europe/Berlin',
    })
    const spans = excludedBy([nightly], [gori], range).of(gori)

    expect(spans.map((span) => new Date(span.from).toISOString())).toEqual([
      '2026-10-24T00:00:00.000Z',
      '2026-10-24T23:30:00.000Z',
      '2026-10-26T00:30:00.000Z',
    ])
    expect(hours(spans)).toEqual([0.5, 1, 1])
  })

  test('is none of a window about another alert, and such a window is not listed', () => {
    const other = windowOf('branch="Gori",alertname="SnmpDown"', once(from, from + DAY))

    expect(excludedBy([other], [gori], range)).toMatchObject({ windows: [] })
  })

  test('has a version that changes with what counted, and with nothing else', () => {
    const window = windowOf('branch="Gori"', once(from, from + DAY))
    const later = windowOf('branch="Gori"', once(from - 9 * DAY, from - 8 * DAY), 'past')
    const versionOf = (...windows: MaintenanceWindow[]) =>
      excludedBy(windows, [gori], range).version

    expect(versionOf(window)).toBe(versionOf({ ...window, comment: 'why' }, later))
    expect(versionOf(window)).not.toBe(versionOf())
    expect(versionOf(window)).not.toBe(
      versionOf({ ...window, schedule: once(from, from + DAY - 1000) }),
    )
  })
})
