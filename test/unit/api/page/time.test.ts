import { expect, test } from 'vitest'

const { localTime, setTimeLanguage } = (await import(
  new URL('../../../../api/page/core/time.js', import.meta.url).href
)) as {
  localTime(iso: string, now: number | null): string
  setTimeLanguage(language: string, preferred: string[]): void
}
const now = new Date(2026, 10, 22, 12).getTime()
const at = (day: number, year = 2026): string => new Date(year, 9, day, 9, 30, 5).toISOString()

test('a time of another day has its day, and its year where that is another', () => {
  setTimeLanguage('en', ['en-GB'])

  expect([localTime(at(1), now), localTime(at(1, 2025), now)]).toEqual([
    '1 Oct 09:30:05',
    '1 Oct 2025 09:30:05',
  ])
})

test('in a language whose months the browser has no names of, they are numbers', () => {
  setTimeLanguage('xx', [])

  expect([localTime(at(1), now), localTime(at(1, 2025), now)]).toEqual([
    '01.10. 09:30:05',
    '01.10.2025 09:30:05',
  ])
})

test('a time whose day is always told has it today, too', () => {
  setTimeLanguage('en', ['en-GB'])

  expect(localTime(new Date().toISOString(), null)).toMatch(/^\d+ \w+ \d\d:\d\d:\d\d$/)
})
