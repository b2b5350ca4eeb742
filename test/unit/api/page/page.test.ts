import { beforeEach, describe, expect, test } from 'vitest'
import { humanizeDuration } from '../../../../lib/duration.ts'
import {
  type Json,
  assessTrust,
  createFleet,
  format,
  readFilters,
  writeFilters,
} from './modules.ts'

describe('format', () => {
  test.each([
    [0, '0s'],
    [45.9, '45s'],
    [245, '4m 5s'],
    [8_100, '2h 15m'],
    [7_200, '2h'],
    [273_600, '3d 4h'],
    [-3, '0s'],
  ])('%d seconds are %s, as in every message of wardline', (seconds, text) => {
    expect(format.duration(seconds)).toBe(text)
    expect(humanizeDuration(seconds * 1000)).toBe(text)
  })

  test('a ratio short of one is never shown as 100 %', () => {
    expect(format.percent(0.99996, 2)).toBe('99.99 %')
    expect(format.percent(1, 2)).toBe('100 %')
    expect(format.percent(null)).toBe('–')
  })

  test('round-trip times have three digits', () => {
    expect([0.421, 12.34, 184.4, null].map(format.rtt)).toEqual([
      '0.42 ms',
      '12.3 ms',
      '184 ms',
      '–',
    ])
  })
})

const device = (id: string, but: Json = {}): Json => ({
  id,
  name: id,
  address: '198.18.0.1',
  branch: 'Vake',
  region: null,
  type: 'router',
  tags: [],
  status: 'up',
  since: '2026-11-22T10:00:00.000Z',
  rtt_ms: 5,
  loss_ratio: 0,
  uplinks: [],
  ...but,
})
const everything = {
  q: '',
  status: new Set<string>(),
  branch: '',
  region: '',
  type: '',
  sort: '-downtime',
}

describe('the fleet', () => {
  let fleet: ReturnType<typeof createFleet>
  beforeEach(() => {
    fleet = createFleet()
    fleet.load(
      [
        device('up 10'),
        device('up 9'),
        device('late', { status: 'unknown', since: null }),
        device('new', { status: 'down', since: '2026-11-22T11:59:00.000Z', rtt_ms: null }),
        device('old', { status: 'unreachable', since: '2026-11-20T00:00:00.000Z', rtt_ms: null }),
      ],
      1_000,
    )
  })
  const ids = (filter: Json = {}): string[] =>
    fleet.select({ ...everything, ...filter }).map(({ id }) => id)

  test('the longest outages come first, then what is unknown, then names as people count', () => {
    expect(ids()).toEqual(['old', 'new', 'late', 'up 9', 'up 10'])
    expect(ids({ sort: 'downtime' })).toEqual(['new', 'old', 'late', 'up 9', 'up 10'])
  })

  test('filters narrow it', () => {
    expect(ids({ status: new Set(['down', 'unknown']) })).toEqual(['new', 'late'])
    expect(ids({ q: 'UP vake' })).toEqual(['up 9', 'up 10'])
    expect(ids({ branch: 'Gori' })).toEqual([])
    expect(fleet.values('branch')).toEqual(['Vake'])
  })

  test('a change that is older than what is known is passed over', () => {
    fleet.apply({ devices: [device('up 9', { status: 'down' })], removed: ['late'] }, 2_000)
    fleet.apply({ devices: [device('up 9')], removed: [] }, 1_500)
    fleet.applyFigures([{ id: 'up 9', rtt_ms: 99, loss_ratio: 0, last_sample_at: null }], 1_500)

    expect(fleet.devices.get('up 9')).toMatchObject({ status: 'down', rtt_ms: 5 })
    expect(fleet.devices.has('late')).toBe(false)
  })

  test('the uplinks of a branch are those of its devices, by name', () => {
    fleet.apply(
      {
        devices: [
          device('up 9', { uplinks: [{ name: 'isp-b' }] }),
          device('up 10', { uplinks: [{ name: 'isp-a' }] }),
          device('far', { branch: 'Gori', uplinks: [{ name: 'isp-c' }] }),
        ],
        removed: [],
      },
      2_000,
    )

    expect(fleet.uplinks('Vake')).toEqual([{ name: 'isp-a' }, { name: 'isp-b' }])
  })

  test('new figures are taken', () => {
    fleet.applyFigures([{ id: 'up 9', rtt_ms: 99, loss_ratio: 0.5, last_sample_at: null }], 1_000)

    expect(fleet.devices.get('up 9')?.rtt_ms).toBe(99)
  })
})

describe('filters in the address', () => {
  test.each([
    '',
    '?q=a+%26+b&status=down%2Cunknown&branch=Gori%2C+old&region=%E1%83%A5&type=atm&sort=-rtt&device=x%2Fy',
  ])('%j is written as it was read', (search) => {
    expect(writeFilters(readFilters(search))).toBe(search)
  })

  test('what makes no sense is passed over', () => {
    expect(readFilters('?status=green,down&sort=luck&x=1')).toMatchObject({
      status: new Set(['down']),
      sort: '-downtime',
    })
  })
})

describe('whether the page may be believed', () => {
  const components = { alerting: { status: 'ok' }, samples: { status: 'ok' } }
  const well = {
    silentSeconds: 1,
    isLinked: true,
    asOf: '',
    health: { status: 'healthy', reasons: [], components },
  }

  test.each<[string, object, string, RegExp]>([
    ['all is well', {}, 'ok', /^$/],
    ['nothing was heard for 5 s', { silentSeconds: 6 }, 'stale', /has sent nothing for 6 s/],
    ['the API is gone', { silentSeconds: 9, isLinked: false }, 'stale', /can’t be reached/],
    [
      'the data are gone',
      { health: { status: 'unhealthy', reasons: ['no samples'], components } },
      'stale',
      /no samples/,
    ],
    [
      'the rules stand still',
      {
        health: {
          status: 'degraded',
          reasons: ['no rules'],
          components: { ...components, alerting: { status: 'late' } },
        },
      },
      'stale',
      /No rules/,
    ],
    [
      'Redis is away',
      { health: { status: 'degraded', reasons: ['Redis is away'], components } },
      'ok',
      /Redis/,
    ],
  ])('%s', (_title, but, trust, text) => {
    const told = assessTrust({ ...well, ...but })

    expect(told.trust).toBe(trust)
    expect(told.text).toMatch(text)
  })
})
