import { beforeAll, describe, expect, test } from 'vitest'
import { type Json, texts, textsOf } from './modules.ts'

const page = (name: string): Promise<unknown> =>
  import(new URL(`../../../../api/page/views/audit/${name}`, import.meta.url).href)

const { differences } = (await page('differences.js')) as {
  differences(before: unknown, after: unknown): Json[]
}
const { doneText, pathText, subjectOf, valueText } = (await page('words.js')) as {
  doneText(what: string): string
  pathText(path: string): string
  subjectOf(entry: Json, now: number): Json
  valueText(path: string, value: unknown, now: number): string
}

const now = Date.parse('2026-11-22T10:00:00Z')
const entry = (what: string, after: unknown, id = 'x') => ({ what, id, before: null, after })

beforeAll(async () => {
  texts.useTexts('en', await textsOf('en'))
})

describe('the differences of two values', () => {
  test('are told leaf by leaf: what changed, came and went', () => {
    const before = { name: 'a', ping: { count: 2, interval: '30s' }, role: 'edge' }
    const after = { name: 'b', ping: { count: 3, interval: '30s' }, model: 'ISR' }

    expect(differences(before, after)).toEqual([
      { path: 'name', from: 'a', to: 'b' },
      { path: 'ping.count', from: 2, to: 3 },
      { path: 'role', from: 'edge', to: undefined },
      { path: 'model', from: undefined, to: 'ISR' },
    ])
  })

  test('tell a list as a whole', () => {
    expect(differences({ tags: ['a', 'b'] }, { tags: ['a'] })).toEqual([
      { path: 'tags', from: ['a', 'b'], to: ['a'] },
    ])
  })

  test('leave out who and when, which stand beside them', () => {
    const before = { id: 'x', created_by: 'nino', updated_at: '1', comment: 'one' }

    expect(differences(before, { ...before, updated_at: '2', created_by: 'giorgi' })).toEqual([])
  })

  test('of what was made are all that it has; what is null says nothing', () => {
    expect(differences(null, { name: 'grafana', scope: null })).toEqual([
      { path: 'name', from: undefined, to: 'grafana' },
    ])
  })
})

test.each([
  ['tags', ['bank', 'atm'], 'bank, atm'],
  ['tags', [], '–'],
  ['comment', '', '–'],
  ['schedule.duration_seconds', 7_200, '2h'],
  ['disabled', false, 'false'],
  [
    'matchers',
    [{ name: 'branch', value: 'Gori', is_regex: false, is_equal: true }],
    'branch="Gori"',
  ],
  ['matchers', [{ name: 'type', value: 'a|b', is_regex: true, is_equal: false }], 'type!~"a|b"'],
])('%s of %j is written as %s', (path, value, expected) => {
  expect(valueText(path, value, now)).toBe(expected)
})

test('an instant is written as a time of the viewer', () => {
  const value = new Date(now + 60_000).toISOString()

  expect(valueText('expires_at', value, now)).toMatch(/\d\d:\d\d:\d\d$/)
})

test.each([
  ['schedule.duration_seconds', 'schedule duration'],
  ['ping.interval', 'ping interval'],
  ['expires_at', 'expires at'],
])('%s is called %s', (path, expected) => {
  expect(pathText(path)).toBe(expected)
})

test.each([
  ['user password changed', 'password changed'],
  ['window created', 'maintenance planned'],
  ['planet moved', 'planet moved'],
])('%s is told as %s', (what, expected) => {
  expect(doneText(what)).toBe(expected)
})

test.each([
  ['of a device leads to it', entry('note changed', null, 'a/b'), '/devices/a%2Fb'],
  [
    'of an acknowledgement leads to its device',
    entry('acknowledgement created', { labels: { alertname: 'DeviceDown', device: 'gori-1' } }),
    '/devices/gori-1',
  ],
  [
    'of a silence leads to it',
    entry('silence created', { comment: 'power works', ends_at: new Date(now + 1).toISOString() }),
    '/silences?q=power+works',
  ],
  [
    'of a silence that is over leads to those that are',
    entry('silence created', { comment: 'power', ends_at: new Date(now - 1).toISOString() }),
    '/silences?q=power&state=expired',
  ],
  [
    'of a window leads to it',
    entry('window changed', { name: 'New roof' }),
    '/maintenance?q=New+roof',
  ],
  ['of a window that is gone leads nowhere', entry('window removed', null), null],
  ['of a user leads to the accounts', entry('user created', { name: 'nino' }), '/account'],
  ['of a sign-in leads nowhere', entry('session refused', null), null],
])('an entry %s', (_, of, expected) => {
  expect(subjectOf(of, now)['href']).toBe(expected)
})
