import { describe, expect, test } from 'vitest'
import { type HealthFacts, assessHealth } from '../../../api/health.ts'
import { buildView } from '../../../api/view/build.ts'
import { healthSchema } from '../../../api/health-schema.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import type { Vector } from '../../../lib/victoriametrics.ts'
import { textsOf } from './page/modules.ts'
import { AT, type Told, alertPoints, point, vectorsOf } from './fleet-vectors.ts'

/** A fleet of which so many were sampled lately, at its last evaluation so many ms ago. */
function viewOf({
  fresh,
  silent,
  evaluatedAgo,
  blind = 0,
  says = [],
  alerts = [],
}: {
  fresh: number
  silent: number
  evaluatedAgo: number | null
  /** Of so many the collector is. */
  blind?: number
  /** More of wardline's own series. */
  says?: Vector
  alerts?: Vector
}) {
  const told: Told[] = Array.from({ length: fresh + silent }, (_, index) => ({
    id: `d${index}`,
    up: true,
    ...(index < fresh ? { sampleAgo: 1_000 } : {}),
    labels: { vantage: index < blind ? 'dc' : 'north' },
  }))
  const loop = {
    __name__: 'wardline_loop_last_success_timestamp_seconds',
    loop: 'group:availability',
  }
  const marks = [
    point(Number(blind > 0), { __name__: 'wardline_vantage_blind', vantage: 'dc' }),
    point((AT - 4_000) / 1000, {
      __name__: 'wardline_vantage_blind_since_seconds',
      vantage: 'dc',
    }),
  ]
  const loops = evaluatedAgo === null ? [] : [point((AT - evaluatedAgo) / 1000, loop)]
  const own = [...loops, ...marks, ...says]
  const inventory = inventoryOf(...told.map(({ id }) => device(id))).current
  return buildView(inventory, { ...vectorsOf(...told), own, alerts: [...alerts] }, new Map(), AT)
}

const own = (name: string, value: number, instance = 'dc') =>
  point(value, { __name__: `wardline_${name}`, instance })
const lateSince = (ago: number) =>
  point((AT - ago) / 1000, { __name__: 'wardline_spool_from_seconds', vantage: 'dc' })

const well = { fresh: 100, silent: 0, evaluatedAgo: 5_000 }
const facts: HealthFacts = {
  view: viewOf(well),
  failure: null,
  redisOk: true,
  reload: null,
  evaluationMs: 15_000,
  mode: 'standalone',
  version: '1.2.3',
  at: AT + 400,
}

describe('health', () => {
  test.each<[string, Partial<HealthFacts>, string, RegExp | null]>([
    ['all is well', {}, 'healthy', null],
    [
      'one of a hundred is silent',
      { view: viewOf({ ...well, fresh: 99, silent: 1 }) },
      'healthy',
      null,
    ],
    [
      'a loop of a collector stands still',
      {
        view: viewOf({
          ...well,
          alerts: alertPoints(
            { alertname: 'LoopStopped', severity: 'critical', instance: 'dc', loop: 'snmp' },
            'firing',
            0,
          ),
        }),
      },
      'degraded',
      /^the snmp loop of collector dc stands still/,
    ],
    [
      'two of a hundred are',
      { view: viewOf({ ...well, fresh: 98, silent: 2 }) },
      'degraded',
      /^2 of 100 devices/,
    ],
    [
      'A3 all are silent',
      { view: viewOf({ ...well, fresh: 0, silent: 3 }) },
      'unhealthy',
      /no recent sample/,
    ],
    [
      'C13 the collector of some is blind',
      { view: viewOf({ ...well, blind: 30 }) },
      'degraded',
      /^monitoring is blind: collector dc sees none of its canaries since 2026-11-22T11:59:56\.000Z, 30 devices are unknown$/,
    ],
    [
      'C13 that of all is',
      { view: viewOf({ ...well, blind: 100 }) },
      'unhealthy',
      /^monitoring is blind: collector dc sees none of its canaries since 2026-11-22T11:59:56\.000Z, 100 devices are unknown$/,
    ],
    [
      'samples of a collector have waited for long',
      { view: viewOf({ ...well, says: [lateSince(60_000)] }) },
      'degraded',
      /^samples of collector dc come late, out of its spool/,
    ],
    [
      'samples of a collector waited for a restart of VictoriaMetrics',
      { view: viewOf({ ...well, says: [lateSince(9_000)] }) },
      'healthy',
      null,
    ],
    [
      "a collector's disk takes nothing",
      { view: viewOf({ ...well, says: [own('spool_samples', 40), own('spool_failing', 1)] }) },
      'degraded',
      /^the spool of dc can't be written to/,
    ],
    [
      "a collector's spool fills",
      {
        view: viewOf({
          ...well,
          says: [own('spool_samples', 1), own('spool_bytes', 81), own('spool_limit_bytes', 100)],
        }),
      },
      'degraded',
      /^the spool of dc is nearly full: .* the oldest are dropped$/,
    ],
    [
      'it has room',
      {
        view: viewOf({
          ...well,
          says: [own('spool_samples', 1), own('spool_bytes', 80), own('spool_limit_bytes', 100)],
        }),
      },
      'healthy',
      null,
    ],
    [
      "a collector's clock is ahead",
      { view: viewOf({ ...well, says: [own('clock_skew_seconds', 2)] }) },
      'degraded',
      /^the clock of dc is ahead of VictoriaMetrics'/,
    ],
    [
      'one is behind',
      { view: viewOf({ ...well, says: [own('clock_skew_seconds', -300)] }) },
      'degraded',
      /^the clock of dc is behind VictoriaMetrics'/,
    ],
    [
      'one is off by less than is told',
      { view: viewOf({ ...well, says: [own('clock_skew_seconds', -1.9)] }) },
      'healthy',
      null,
    ],
    ['Redis is away', { redisOk: false }, 'degraded', /Redis/],
    [
      'a reload was refused',
      {
        reload: {
          at: AT,
          ok: false,
          problems: [{ file: 'devices.yaml', line: 3, message: 'bad' }],
        },
      },
      'degraded',
      /refused.*devices\.yaml:3: bad/,
    ],
    [
      'no rule was evaluated for long',
      { view: viewOf({ ...well, evaluatedAgo: 61_000 }) },
      'degraded',
      /no rules evaluated since 20\d\d-\S+Z: /,
    ],
    [
      'alerting never reported',
      { view: viewOf({ ...well, evaluatedAgo: null }) },
      'degraded',
      /alerting has not reported/,
    ],
    [
      'A4 VictoriaMetrics is away',
      { view: null, failure: 'no answer' },
      'unhealthy',
      /^no answer$/,
    ],
  ])('%s', (_title, but, status, reason) => {
    const health = healthSchema.parse(assessHealth({ ...facts, ...but }))

    expect(health.status).toBe(status)
    if (reason === null) expect(health.reasons).toEqual([])
    else expect(health.reasons).toEqual([expect.stringMatching(reason)])
  })

  test('it says how old the view is', () => {
    expect(assessHealth(facts).components.victoriametrics.view_age_seconds).toBe(0.4)
  })
})

test('what waits is told of all services together, and the clock that is off most', () => {
  const says = [
    own('spool_samples', 40),
    own('spool_bytes', 4_000),
    own('spool_samples', 2, 'alerting'),
    own('spool_bytes', 100, 'alerting'),
    own('spool_limit_bytes', 16_000),
    own('spool_limit_bytes', 1_000, 'alerting'),
    own('clock_skew_seconds', 1),
    own('clock_skew_seconds', -3, 'alerting'),
    lateSince(60_000),
  ]
  const { components } = assessHealth({ ...facts, view: viewOf({ ...well, says }) })

  expect(components.spool).toEqual({
    status: 'late',
    samples: 42,
    bytes: 4_100,
    limit_bytes: 17_000,
    filled_ratio: 0.25,
    late_since: new Date(AT - 60_000).toISOString(),
  })
  expect(components.clocks).toEqual({ status: 'off', worst_seconds: -3 })
})

test('while VictoriaMetrics is away nothing is known of what waits', () => {
  const { spool, clocks } = healthSchema.parse(
    assessHealth({ ...facts, view: null, failure: 'no answer' }),
  ).components

  expect([spool, clocks]).toEqual([
    {
      status: 'unknown',
      samples: null,
      bytes: null,
      limit_bytes: null,
      filled_ratio: null,
      late_since: null,
    },
    { status: 'unknown', worst_seconds: null },
  ])
})

test('the page has a word for every component and each of its states', async () => {
  const words = await textsOf('en')
  const { components } = healthSchema.shape
  const keys = Object.entries(components.shape).flatMap(([name, part]) => [
    `health.${name}`,
    ...part.shape.status.options.map((status) => `health.is.${status}`),
  ])

  expect(keys.filter((key) => words[key] === undefined)).toEqual([])
})

describe('who leads alerting', () => {
  const leader = { instance: 'noc-1:5003/1a2b3c4d', url: 'http://noc-1:5003', token: 4 }

  test('is named, with how long it has led', () => {
    const { components } = assessHealth({ ...facts, leader: { ...leader, since: AT - 59_600 } })
    expect(components.alerting.leader).toEqual({
      instance: 'noc-1:5003',
      since: new Date(AT - 59_600).toISOString(),
      age_seconds: 60,
    })
    expect(healthSchema.parse(assessHealth(facts)).components.alerting.leader).toBeNull()
  })
})
