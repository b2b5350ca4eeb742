import { describe, expect, test } from 'vitest'
import { validate } from '../../../../lib/config/explain.ts'
import { maintenanceSchema } from '../../../../lib/config/maintenance.ts'

const recurring = {
  name: 'Backup',
  matchers: ['branch="Vake"', '{device=~"sw-.*",role!="core"}'],
  cron: '0 2 * * 0',
  duration: '2h',
  time_zone: 'Asia/Tbilisi',
}
const once = {
  name: 'UPS',
  matchers: ['branch=Vake'],
  from: '2026-08-21 22:00',
  until: '2026-08-22',
}

function problems(window: object): string[] {
  const result = validate(maintenanceSchema, [window])
  return result.ok
    ? []
    : result.findings.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('maintenance windows of the configuration', () => {
  test('recur on the clock of a time zone', () => {
    expect(maintenanceSchema.parse([recurring])).toMatchObject([
      {
        id: 'config:Backup',
        createdBy: 'configuration',
        matchers: [{ name: 'branch' }, { name: 'device' }, { name: 'role' }],
        schedule: {
          kind: 'recurring',
          cron: '0 2 * * 0',
          durationMs: 7_200_000,
          timeZone: 'Asia/Tbilisi',
        },
      },
    ])
  })

  test.each([
    ['UTC', '2026-08-21T22:00:00Z', '2026-08-22T00:00:00Z'],
    ['Asia/Tbilisi', '2026-08-21T18:00:00Z', '2026-08-21T20:00:00Z'],
    ['Europe/Berlin', '2026-08-21T20:00:00Z', '2026-08-21T22:00:00Z'],
  ])('come once, from and until on the clock of %s', (time_zone, from, until) => {
    expect(maintenanceSchema.parse([{ ...once, time_zone }])[0]?.schedule).toEqual({
      kind: 'once',
      startsAt: Date.parse(from),
      endsAt: Date.parse(until),
    })
  })

  test('are none unless there are some', () => {
    expect(maintenanceSchema.parse(undefined)).toEqual([])
  })

  test.each([
    [{ ...recurring, matchers: ['branch="Vake'] }, /^0\.matchers\.0: expected " at the start/],
    [{ ...recurring, matchers: ['a=~".*"'] }, /^0\.matchers: .*match everything/],
    [{ ...recurring, matchers: [] }, /^0\.matchers: expected at least one/],
    [{ ...recurring, cron: '0 25 * * *' }, /^0\.cron: .*25/],
    [{ ...recurring, time_zone: 'Tbilisi' }, /^0\.time_zone: expected a time zone/],
    [{ ...recurring, duration: undefined }, /expected cron together with duration/],
    [{ ...once, until: undefined }, /expected from and until, or cron and duration/],
    [{ ...once, until: '2026-08-32' }, /^0\.until: expected an instant/],
    [{ ...once, until: '2026-08-20' }, /before the end/],
    [{ ...once, zone: 'UTC' }, /zone/],
  ])('%j is refused', (window, message) => {
    expect(problems(window)).toEqual([expect.stringMatching(message)])
  })

  test('have names of their own', () => {
    const result = validate(maintenanceSchema, [recurring, { ...once, name: 'Backup' }])
    expect(result.ok ? [] : result.findings.map(({ path }) => path.join('.'))).toEqual(['1.name'])
  })
})
