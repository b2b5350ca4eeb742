import { beforeEach, describe, expect, test } from 'vitest'
import { type Fleet, type Json, createFleet, device, readFilters, writeFilters } from './modules.ts'

const everything = {
  q: '',
  status: new Set<string>(),
  branch: null,
  region: null,
  type: null,
  sort: '-downtime',
}

describe('the fleet', () => {
  let fleet: Fleet
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
    expect(ids({ region: '' })).toHaveLength(5)
    expect(ids({ branch: '' })).toEqual([])
    expect([fleet.lacks('region'), fleet.lacks('branch')]).toEqual([true, false])
  })

  test('a change that is older than what is known is passed over', () => {
    fleet.apply({ devices: [device('up 9', { status: 'down' })], removed: ['late'] }, 2_000)
    fleet.apply({ devices: [device('up 9')], removed: [] }, 1_500)
    fleet.applyFigures([{ id: 'up 9', rtt_ms: 99, loss_ratio: 0, last_sample_at: null }], 1_500)

    expect(fleet.devices.get('up 9')).toMatchObject({ status: 'down', rtt_ms: 5 })
    expect(fleet.devices.has('late')).toBe(false)
  })

  test('those that went down by a change are told, those that were down before are not', () => {
    const changed = [
      device('up 9', { status: 'unreachable' }),
      device('old', { status: 'down' }),
      device('late'),
      device('added', { status: 'down' }),
    ]

    expect(fleet.apply({ devices: changed, removed: [] }, 2_000).map(({ id }) => id)).toEqual([
      'up 9',
    ])
  })

  test('new figures are taken', () => {
    fleet.applyFigures([{ id: 'up 9', rtt_ms: 99, loss_ratio: 0.5, last_sample_at: null }], 1_000)

    expect(fleet.devices.get('up 9')?.rtt_ms).toBe(99)
  })
})

describe('filters in the address', () => {
  test.each([
    '',
    '?q=a+%26+b&status=down%2Cunknown&branch=Gori%2C+old&region=%E1%83%A5&type=atm&sort=-rtt',
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
