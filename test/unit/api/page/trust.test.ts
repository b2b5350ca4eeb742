import { expect, test } from 'vitest'
import { assessTrust } from './modules.ts'

const [spool, clocks] = [{ status: 'ok' }, { status: 'ok' }]
const components = { alerting: { status: 'ok' }, samples: { status: 'ok' }, spool, clocks }
const well = {
  silentSeconds: 1,
  link: 'open',
  health: { status: 'healthy', reasons: [], components },
}
const degraded = (reason: string, but: object = {}) => ({
  health: { status: 'degraded', reasons: [reason], components: { ...components, ...but } },
})

test.each<[string, object, string, string, string]>([
  ['all is well', {}, 'ok', 'note', ''],
  ['there is no stream to be had, but answers', { link: 'polled' }, 'ok', 'note', 'trust.polled'],
  ['answers end, too', { silentSeconds: 6, link: 'polled' }, 'stale', 'bad', 'trust.away'],
  ['nothing was heard for 5 s', { silentSeconds: 6 }, 'stale', 'bad', 'trust.silent'],
  ['the API is gone', { silentSeconds: 9, link: 'lost' }, 'stale', 'bad', 'trust.away'],
  [
    'the data are gone',
    { health: { status: 'unhealthy', reasons: ['no samples'], components } },
    'stale',
    'bad',
    'trust.unhealthy',
  ],
  [
    'the rules stand still',
    degraded('no rules', { alerting: { status: 'late' } }),
    'stale',
    'warn',
    'trust.degraded',
  ],
  [
    'samples of some devices are late',
    degraded('12 devices', { samples: { status: 'late' } }),
    'ok',
    'warn',
    'trust.degraded',
  ],
  [
    'samples of a collector come late',
    degraded('dc is late', { spool: { status: 'late' } }),
    'ok',
    'warn',
    'trust.degraded',
  ],
  [
    'a clock is off',
    degraded('dc is ahead', { clocks: { status: 'off' } }),
    'ok',
    'warn',
    'trust.degraded',
  ],
  ['Redis is away', degraded('Redis is away'), 'ok', 'note', 'trust.degraded'],
])('%s', (_title, but, trust, level, key) => {
  expect(assessTrust({ ...well, ...but })).toMatchObject({ trust, level, key })
})

test.each([
  [12, 'warn'],
  [0, 'note'],
])(
  'C13 a collector is blind, and %i devices are unknown: a %s that tells it once',
  (devices, level) => {
    const blind = [
      { collector: 'dc', since: '2026-11-22T10:00:00Z', devices, reason: 'dc is blind' },
    ]
    const health = { status: 'degraded', reasons: ['dc is blind', 'Redis is away'], components }

    expect(assessTrust({ ...well, health, blind })).toEqual({
      trust: 'ok',
      level,
      key: 'trust.blind',
      reasons: ['Redis is away'],
      blind,
    })
  },
)
