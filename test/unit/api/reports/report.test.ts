import { expect, test } from 'vitest'
import { type Reports, createReports } from '../../../../api/reports/report.ts'
import type { Inventory } from '../../../../lib/inventory.ts'
import { manualClock } from '../../../fakes/clock.ts'
import { fakeDecisions } from '../../../fakes/decisions.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const fleetOf = (size: number): Inventory =>
  inventoryOf(...Array.from({ length: size }, (_, index) => device(`d${index}`))).current
const fleet = fleetOf(4_000)

/** Reports of a store that has nothing; `asked` is what it was asked. */
function reportsOfNothing(): { reports: Reports; asked: string[] } {
  const clock = manualClock(NOW)
  const asked: string[] = []
  const reports = createReports({
    store: {
      async query(expr) {
        asked.push(expr)
        return []
      },
      exportCsv: async () => '',
      async exportSeries(match) {
        asked.push(match)
      },
    },
    fleet: () => fleet,
    decisions: fakeDecisions(clock),
    evaluationMs: 15_000,
    clock,
  })
  return { reports, asked }
}

const question = { from: '2026-01-01', to: '2026-11-01', tz: 'UTC', by: 'device' } as const
const { signal } = new AbortController()

test('too much is told in the devices that whoever asks may see', async () => {
  const { reports, asked } = reportsOfNothing()

  await expect(reports.ask(question, fleet, signal)).rejects.toMatchObject({
    status: 400,
    message: expect.stringMatching(/^from: 304 days of 4000 devices .* ask for 95 days or less/),
  })
  await expect(reports.ask(question, fleetOf(2_000), signal)).rejects.toMatchObject({
    status: 400,
    message: expect.stringMatching(/^from: 304 days of 2000 devices .* ask for 190 days or less/),
    extra: { parameter: 'from', most_days: 190 },
  })
  expect(asked).toEqual([])
})

test('whoever sees a part may ask for as much as if there were no more, and no more is read', async () => {
  const { reports, asked } = reportsOfNothing()
  const { rows } = await reports.ask(question, fleetOf(250), signal)

  expect(rows).toHaveLength(250)
  // A long range is asked for in pieces, with the same words each.
  const ofDevices = [...new Set(asked)].filter((expr) =>
    expr.includes('__name__="device_state_up"'),
  )
  const named = ofDevices.map((expr) => /device=~"(.*)"/.exec(expr)?.[1]?.split('|').length)
  expect(named).toEqual([100, 100, 50])
})
