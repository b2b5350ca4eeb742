import { expect, test } from 'vitest'
import { auditJson } from '../../../api/audit-json.ts'

const AT = Date.parse('2026-11-22T10:00:00Z')
const entry = { at: AT, who: 'nino', id: 'x', before: null }

test('what is kept in milliseconds and camelCase is told as everything else in the API', () => {
  const after = {
    matchers: [{ name: 'branch', value: 'Gori', isRegex: false, isEqual: true }],
    startsAt: AT,
    createdBy: 'nino',
    schedule: { durationMs: 7_200_000, timeZone: 'Asia/Tbilisi', endsAt: AT + 1_000 },
    expiresAt: null,
  }

  expect(auditJson({ ...entry, what: 'window created', after })).toEqual({
    at: '2026-11-22T10:00:00.000Z',
    who: 'nino',
    what: 'window created',
    id: 'x',
    before: null,
    after: {
      matchers: [{ name: 'branch', value: 'Gori', is_regex: false, is_equal: true }],
      starts_at: '2026-11-22T10:00:00.000Z',
      created_by: 'nino',
      schedule: {
        duration_seconds: 7_200,
        time_zone: 'Asia/Tbilisi',
        ends_at: '2026-11-22T10:00:01.000Z',
      },
      expires_at: null,
    },
  })
})

test('labels keep their names, and what makes no sense stays as it is', () => {
  const after = { labels: { ifName: 'Gi0/0', startsAt: '1' }, startsAt: 1e300 }

  expect(auditJson({ ...entry, what: 'acknowledgement created', after }).after).toEqual({
    labels: { ifName: 'Gi0/0', startsAt: '1' },
    starts_at: 1e300,
  })
  expect(auditJson({ ...entry, what: 'silence removed', after: 'no JSON' }).after).toBe('no JSON')
})

test('what the API itself wrote is told as it is', () => {
  const after = { expires_at: '2026-11-22T10:00:00.000Z', lastAt: 5 }

  expect(auditJson({ ...entry, what: 'token created', after }).after).toEqual(after)
})
