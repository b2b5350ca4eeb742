import { describe, expect, test } from 'vitest'

type Opening = { name: string; from: string; until: string }
type Bar = {
  opening: Opening
  from: number
  to: number
  lane: number
  isBegun: boolean
  isOver: boolean
}
type Block = { opening: Opening; top: number; height: number; column: number; columns: number }
const url = new URL('../../../../api/page/views/maintenance/calendar.js', import.meta.url)
const { daysOf, moved, barsOf, blocksOf } = (await import(url.href)) as {
  daysOf(mode: string, at: Date): Date[][]
  moved(mode: string, at: Date, by: number): Date
  barsOf(openings: Opening[], week: Date[]): Bar[]
  blocksOf(openings: Opening[], day: Date): Block[]
}

const dateText = (day: Date | undefined) => day?.toLocaleDateString('sv')
const opening = (name: string, from: string, until: string): Opening => ({
  name,
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
})

describe('the days of a calendar', () => {
  test('of a month are whole weeks from Monday, the days around it among them', () => {
    const weeks = daysOf('month', new Date('2026-11-22T12:00'))

    expect(weeks).toHaveLength(6)
    expect(dateText(weeks[0]?.[0])).toBe('2026-10-26')
    expect(dateText(weeks[5]?.[6])).toBe('2026-12-06')
  })

  test('of a month that fits in four weeks are four weeks', () => {
    expect(daysOf('month', new Date('2027-02-10T12:00'))).toHaveLength(4)
  })

  test('of a week are the seven that hold the day, a Sunday at the end', () => {
    const [week = []] = daysOf('week', new Date('2026-11-22T12:00'))

    expect(week.map(dateText)).toEqual([16, 17, 18, 19, 20, 21, 22].map((day) => `2026-11-${day}`))
  })

  test('move by months from their first: of the 31st there is no February', () => {
    expect(dateText(moved('month', new Date('2026-01-31T12:00'), 1))).toBe('2026-02-01')
    expect(dateText(moved('week', new Date('2026-11-22T12:00'), -1))).toBe('2026-11-15')
  })
})

describe('the openings of a week', () => {
  const [week = []] = daysOf('week', new Date('2026-11-18T12:00'))
  const shown = (openings: Opening[]) =>
    barsOf(openings, week).map(
      ({ opening: { name }, from, to, lane }) => `${name} ${from}-${to} ${lane}`,
    )

  test('reach from the day that they begin to the one that they end, within the week', () => {
    const bars = barsOf([opening('long', '2026-11-14T10:00', '2026-11-17T10:00')], week)

    expect(bars).toMatchObject([{ from: 0, to: 1, isBegun: true, isOver: false }])
  })

  test('that end at midnight are not of the day that begins then', () => {
    expect(shown([opening('night', '2026-11-18T22:00', '2026-11-19T00:00')])).toEqual([
      'night 2-2 0',
    ])
  })

  test('that share a day have lanes of their own, and use those that are free again', () => {
    const openings = [
      opening('a', '2026-11-16T01:00', '2026-11-18T02:00'),
      opening('b', '2026-11-17T01:00', '2026-11-17T02:00'),
      opening('c', '2026-11-18T05:00', '2026-11-18T06:00'),
      opening('d', '2026-11-20T05:00', '2026-11-20T06:00'),
      opening('other week', '2026-11-30T05:00', '2026-11-30T06:00'),
    ]

    expect(shown(openings)).toEqual(['a 0-2 0', 'b 1-1 1', 'c 2-2 1', 'd 4-4 0'])
  })
})

test('the openings of a day are blocks of its hours, beside one another where they overlap', () => {
  const day = new Date('2026-11-18T00:00')
  const blocks = blocksOf(
    [
      opening('early', '2026-11-17T18:00', '2026-11-18T06:00'),
      opening('noon', '2026-11-18T12:00', '2026-11-18T18:00'),
      opening('too', '2026-11-18T13:00', '2026-11-18T15:00'),
    ],
    day,
  )

  expect(blocks.map(({ top, height, column, columns }) => [top, height, column, columns])).toEqual([
    [0, 0.25, 0, 2],
    [0.5, 0.25, 0, 2],
    [13 / 24, 2 / 24, 1, 2],
  ])
})
