import { describe, expect, test } from 'vitest'
import { type HealthFacts, assessHealth } from '../../../api/health.ts'
import { buildView } from '../../../api/view/build.ts'
import { healthSchema } from '../../../api/schemas.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { AT, type Told, point, vectorsOf } from './fleet-vectors.ts'

/** A fleet of which so many were sampled lately, at its last evaluation so many ms ago. */
function viewOf({
  fresh,
  silent,
  evaluatedAgo,
  blind = 0,
}: {
  fresh: number
  silent: number
  evaluatedAgo: number | null
  /** Of so many the collector is. */
  blind?: number
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
  const own = [...loops, ...marks]
  const inventory = inventoryOf(...told.map(({ id }) => device(id))).current
  return buildView(inventory, { ...vectorsOf(...told), own }, new Map(), AT)
}

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
      /no rules evaluated for 61 s/,
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
