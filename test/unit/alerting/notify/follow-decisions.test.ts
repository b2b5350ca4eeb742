import { expect, test } from 'vitest'
import { overAcknowledgements } from '../../../../alerting/notify/follow-decisions.ts'
import type { Acknowledgement } from '../../../../lib/decisions/acknowledgement.ts'
import { alertOf } from './alerts.ts'

const T = Date.UTC(2026, 2, 29, 12)
const acknowledgement = (changed: Partial<Acknowledgement> = {}): Acknowledgement => ({
  id: 'f1',
  labels: {},
  startsAt: T,
  createdBy: 'nino',
  comment: 'on it',
  at: T + 1_000,
  expiresAt: null,
  sticky: false,
  ...changed,
})

const viewOf = (startsAt: number) => ({
  alerts: [
    {
      alert: alertOf('router-1', startsAt),
      fingerprint: 'f1',
      receivers: [],
      suppressions: [],
    },
  ],
})

test.each([
  ['its alert fires', acknowledgement(), viewOf(T), 0],
  ['its alert is gone', acknowledgement(), { alerts: [] }, 1],
  ['its alert fires anew', acknowledgement(), viewOf(T + 60_000), 1],
  [
    'it lasts for a time, whatever its alert does',
    acknowledgement({ sticky: true, expiresAt: T + 3_600_000 }),
    { alerts: [] },
    0,
  ],
])('an acknowledgement of which %s', (_what, given, view, over) => {
  expect(overAcknowledgements([given], view, T + 2_000)).toHaveLength(over)
})
