import { beforeEach, describe, expect, test } from 'vitest'
import { texts, textsOf } from './modules.ts'

const { weekdays, monthName, longDay, daysName } = (await import(
  new URL('../../../../api/page/core/days.js', import.meta.url).href
)) as {
  weekdays(): { day: number; name: string }[]
  monthName(at: Date): string
  longDay(day: Date): string
  daysName(first: Date, last: Date): string
}
const monday = new Date(2026, 10, 16)

describe.each([
  ['en', 'Mon Tue Wed Thu Fri Sat Sun', 'November 2026', 'Mon, 16 November'],
  ['ka', 'ორშ სამ ოთხ ხუთ პარ შაბ კვი', 'ნოემბერი 2026', 'ორშ, 16 ნოემბერი'],
])('in %s', (language, week, month, day) => {
  beforeEach(async () => texts.useTexts(language, await textsOf(language)))

  test('days and months have their names, whatever the browser knows', () => {
    expect(
      weekdays()
        .map(({ name }) => name)
        .join(' '),
    ).toBe(week)
    expect(monthName(monday)).toBe(month)
    expect(longDay(monday)).toBe(day)
  })
})

test('a week is told by its ends; the month once where it is one', async () => {
  texts.useTexts('en', await textsOf('en'))

  expect(daysName(monday, new Date(2026, 10, 22))).toBe('16 – 22 November 2026')
  expect(daysName(new Date(2026, 11, 28), new Date(2027, 0, 3))).toBe(
    '28 December – 3 January 2027',
  )
})
