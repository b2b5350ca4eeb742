import { expect, test } from 'vitest'
import { type Json, texts, textsOf } from './modules.ts'

const page = (name: string): Promise<unknown> =>
  import(new URL(`../../../../api/page/views/reports/${name}`, import.meta.url).href)

type Question = {
  month: string
  from: string
  to: string
  by: string
  region: string
  branch: string
  q: string
}
const { partsOf, barWords } = (await page('bar.js')) as {
  partsOf(seconds: Json): { kind: string; share: number }[]
  barWords(seconds: Json): string
}
const { monthAfter, monthsOffered, readQuestion, reportQuery, linkQuery, rowsFitting, isRunning } =
  (await page('question.js')) as {
    isRunning(question: Question, newest: string, now: number): boolean
    monthAfter(month: string, months: number): string
    monthsOffered(asked: string, newest: string): string[]
    readQuestion(query: URLSearchParams, newest: string): Question
    reportQuery(question: Question, timeZone: string): URLSearchParams
    linkQuery(question: Question, timeZone: string, shown: Json[]): URLSearchParams
    rowsFitting(rows: Json[], q: string): Json[]
  }

const question: Question = {
  month: '2026-10',
  from: '',
  to: '',
  by: 'branch',
  region: '',
  branch: '',
  q: '',
}
const span = { from: '2026-10-05T00:00:00.000Z', to: '2026-10-06T12:30:00.000Z' }
const row = (key: string, but: Json = {}): Json => ({ key, name: key, ...but })

test('a bar has a part for each kind of time that there was, by its share', () => {
  const seconds = { total: 1_000, up: 900, down: 75, excluded: 25, unknown: 0 }

  expect(partsOf(seconds)).toEqual([
    { kind: 'up', share: 0.9 },
    { kind: 'down', share: 0.075 },
    { kind: 'excluded', share: 0.025 },
  ])
})

test('a bar is told in words', async () => {
  texts.useTexts('en', await textsOf('en'))

  expect(barWords({ total: 3_660, up: 3_600, down: 60, excluded: 0, unknown: 0 })).toBe(
    'up 1h, down 1m',
  )
})

test('a time of which nothing is known has no parts', () => {
  expect(partsOf({ total: 0, up: 0, down: 0, excluded: 0, unknown: 0 })).toEqual([])
})

test.each([
  ['2026-10', 1, '2026-11'],
  ['2026-12', 1, '2027-01'],
  ['2026-01', -1, '2025-12'],
])('%s and %d months are %s', (month, months, expected) => {
  expect(monthAfter(month, months)).toBe(expected)
})

test('the months of two years are offered, and one that is asked for before them', () => {
  expect(monthsOffered('2026-10', '2026-11')).toHaveLength(24)
  expect(monthsOffered('2020-01', '2026-11').at(-1)).toBe('2020-01')
})

test.each([
  ['month=2026-10&by=device&region=Guria', { ...question, by: 'device', region: 'Guria' }],
  ['month=2026-13&by=street', { ...question, month: '2026-11' }],
  ['month=2027-01', { ...question, month: '2026-11' }],
  [`from=${span.from}&to=${span.to}`, { ...question, month: '2026-11', ...span }],
  [`from=${span.from}`, { ...question, month: '2026-11', from: span.from }],
  [`from=${span.to}&to=${span.from}`, { ...question, month: '2026-11' }],
  ['from=soon&to=later', { ...question, month: '2026-11' }],
])('of ?%s what makes no sense is passed over', (query, expected) => {
  expect(readQuestion(new URLSearchParams(query), '2026-11')).toEqual(expected)
})

test('the API is asked in the time zone of who looks, for what was chosen alone', () => {
  expect(reportQuery({ ...question, region: 'Guria' }, 'Asia/Tbilisi').toString()).toBe(
    'month=2026-10&by=branch&tz=Asia%2FTbilisi&region=Guria',
  )
})

test('instants are asked for in place of a month, the end only where there is one', () => {
  expect(Object.fromEntries(reportQuery({ ...question, ...span }, 'UTC'))).toEqual({
    ...span,
    by: 'branch',
    tz: 'UTC',
  })
  expect(reportQuery({ ...question, from: span.from }, 'UTC').has('to')).toBe(false)
})

test.each<[string, Partial<Question>, boolean]>([
  ['the running month', { month: '2026-11' }, true],
  ['a month that is over', {}, false],
  ['a time up to now', { from: span.from }, true],
  ['a time that is over', span, false],
])('%s goes on changing: %o', (_, but, expected) => {
  const now = Date.parse('2026-11-22T10:00:00Z')

  expect(isRunning({ ...question, ...but }, '2026-11', now)).toBe(expected)
})

test('a link to what a search left names its rows', () => {
  const link = linkQuery({ ...question, q: 'gor' }, 'UTC', [row('Gori'), row('Gorki')])

  expect(link.getAll('branch')).toEqual(['Gori', 'Gorki'])
})

test('a link without a search names none', () => {
  expect(linkQuery(question, 'UTC', [row('Gori')]).getAll('branch')).toEqual([])
})

test('a search leaves the rows in which all of its words occur', () => {
  const rows = [
    row('gori-1', { name: 'Gori router', branch: 'Gori' }),
    row('gori-2'),
    row('poti-1'),
  ]

  expect(rowsFitting(rows, 'ROUTER gori').map(({ key }) => key)).toEqual(['gori-1'])
})
