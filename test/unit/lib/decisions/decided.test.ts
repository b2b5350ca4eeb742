import { describe, expect, test } from 'vitest'
import { acknowledges } from '../../../../lib/decisions/acknowledgement.ts'
import { understand } from '../../../../lib/decisions/decided.ts'
import { isSameSilence, silenceState } from '../../../../lib/decisions/silence.ts'
import { parseMatchers } from '../../../../lib/matchers.ts'

const NOW = Date.parse('2026-08-21T12:00:00Z')
const DAY = 86_400_000

const silence = (given: object = {}) => ({
  id: 's',
  matchers: parseMatchers('branch="Vake"'),
  startsAt: NOW - 1_000,
  endsAt: NOW + 1_000,
  createdBy: 'nino',
  comment: 'works',
  updatedAt: NOW,
  ...given,
})

const window = (given: object = {}) => ({
  id: 'w',
  name: 'Backup',
  matchers: parseMatchers('branch="Vake"'),
  schedule: { kind: 'recurring', cron: '0 2 * * *', durationMs: 3_600_000, timeZone: 'UTC' },
  createdBy: 'nino',
  comment: '',
  updatedAt: NOW,
  ...given,
})

const acknowledgement = (given: object = {}) => ({
  id: '0123456789abcdef',
  labels: { alertname: 'DeviceDown', device: 'r1' },
  startsAt: NOW,
  createdBy: 'nino',
  comment: 'on it',
  at: NOW,
  expiresAt: null,
  sticky: false,
  ...given,
})

function read(kind: 'silence' | 'window' | 'acknowledgement', value: unknown) {
  const { id } = value as { id: string }
  const entries = {
    silence: {},
    window: {},
    acknowledgement: {},
    [kind]: { [id]: JSON.stringify(value) },
  }
  return understand({ version: '1', entries }, NOW)
}

describe('what is kept', () => {
  test.each([
    ['silence', silence()],
    ['silence', silence({ startsAt: 0, endsAt: NOW - 5 * DAY + 1 })],
    ['window', window()],
    [
      'window',
      window({ schedule: { kind: 'once', startsAt: NOW - 399 * DAY, endsAt: NOW - 398 * DAY } }),
    ],
    ['acknowledgement', acknowledgement()],
    ['acknowledgement', acknowledgement({ sticky: true, expiresAt: NOW + DAY })],
  ] as const)('%s is in force: %j', (kind, value) => {
    const { decided, corrupt, over } = read(kind, value)
    const found = [...decided.silences, ...decided.windows, ...decided.acknowledgements]
    expect({ found, corrupt, over }).toEqual({ found: [value], corrupt: [], over: [] })
  })

  test.each([
    ['silence', silence({ startsAt: 0, endsAt: NOW - 5 * DAY })],
    ['window', window({ schedule: { kind: 'once', startsAt: 0, endsAt: NOW - 400 * DAY } })],
    ['acknowledgement', acknowledgement({ expiresAt: NOW - 5 * DAY })],
  ] as const)('%s is past its keeping: %j', (kind, value) => {
    const { decided, over } = read(kind, value)
    expect(decided).toEqual({ silences: [], windows: [], acknowledgements: [] })
    expect(over.map((each) => each.kind)).toEqual([kind])
  })

  test.each([
    ['silence', { id: 's' }, /silence: createdBy/],
    ['silence', silence({ matchers: [] }), /at least one matcher/],
    ['silence', silence({ matchers: parseMatchers('a=~".*"') }), /match everything/],
    [
      'silence',
      silence({ matchers: [{ name: 'a', value: '(', isRegex: true, isEqual: true }] }),
      /regular expression/,
    ],
    ['silence', silence({ startsAt: NOW, endsAt: NOW - 1 }), /before the end/],
    ['silence', silence({ more: 1 }), /more/],
    [
      'window',
      window({ schedule: { kind: 'recurring', cron: '* *', durationMs: 1_000, timeZone: 'UTC' } }),
      /cron/,
    ],
    [
      'window',
      window({
        schedule: { kind: 'recurring', cron: '0 0 30 2 *', durationMs: 1_000, timeZone: 'UTC' },
      }),
      /never/,
    ],
    ['acknowledgement', acknowledgement({ sticky: true }), /expected an end/],
    ['acknowledgement', acknowledgement({ id: 'x' }), /fingerprint/],
  ] as const)('%s makes no sense: %j', (kind, value, reason) => {
    const { decided, corrupt } = read(kind, value)
    expect(decided).toEqual({ silences: [], windows: [], acknowledgements: [] })
    expect(corrupt.map((each) => each.reason)).toEqual([expect.stringMatching(reason)])
  })

  test('makes no sense when it is no JSON, or of another id: the others stay', () => {
    const entries = {
      silence: { s: JSON.stringify(silence()), t: '{', u: JSON.stringify(silence()) },
      window: {},
      acknowledgement: {},
    }
    const { decided, corrupt } = understand({ version: '1', entries }, NOW)
    expect(decided.silences.map(({ id }) => id)).toEqual(['s'])
    expect(corrupt.map(({ id }) => id)).toEqual(['t', 'u'])
  })
})

test.each([
  [NOW - 1_001, 'pending'],
  [NOW - 1_000, 'active'],
  [NOW + 999, 'active'],
  [NOW + 1_000, 'expired'],
])('a silence is at %i %s', (at, state) => {
  expect(silenceState(silence(), at)).toBe(state)
})

describe('another version of a silence is the same one', () => {
  const active = silence({ startsAt: NOW - 60_500 })
  const pending = silence({ startsAt: NOW + 60_000, endsAt: NOW + 120_000 })
  const two = parseMatchers('a="1",b="2"')
  test.each([
    ['active, its start to the second', active, { startsAt: NOW - 61_000 }, true],
    ['active, another start', active, { startsAt: NOW - 59_000 }, false],
    ['pending, another start to come', pending, { startsAt: NOW + 30_000 }, true],
    ['pending, but it would have begun', pending, { startsAt: NOW - 1 }, false],
    ['other matchers', active, { matchers: two }, false],
    ['matchers in another order', silence({ matchers: two }), { matchers: two.toReversed() }, true],
    ['ended', silence({ endsAt: NOW - 1 }), {}, false],
  ])('%s: %s', (_, previous, change, same) => {
    expect(isSameSilence(previous, { ...previous, ...change }, NOW)).toBe(same)
  })
})

describe('an acknowledgement covers', () => {
  const alert = { fingerprint: '0123456789abcdef', startsAt: NOW }
  test.each([
    ['its occurrence, to the second', {}, { startsAt: NOW + 999 }, true],
    ['no later occurrence', {}, { startsAt: NOW + 60_000 }, false],
    ['no other alert', {}, { fingerprint: 'fedcba9876543210' }, false],
    [
      'later occurrences when it is sticky',
      { sticky: true, expiresAt: NOW + DAY },
      { startsAt: NOW + 60_000 },
      true,
    ],
    ['nothing from its end on', { expiresAt: NOW + 5_000 }, {}, false],
  ])('%s', (_, given, seen, expected) => {
    expect(acknowledges(acknowledgement(given), { ...alert, ...seen }, NOW + 5_000)).toBe(expected)
  })
})
