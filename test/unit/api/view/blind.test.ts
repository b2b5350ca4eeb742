import { describe, expect, test } from 'vitest'
import { viewFor } from '../../../../api/auth/scope.ts'
import { blindJson } from '../../../../api/blindness.ts'
import { buildView } from '../../../../api/view/build.ts'
import type { Vectors } from '../../../../api/view/vectors.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, point, vectorsOf } from '../fleet-vectors.ts'

const SINCE = AT - 30_000
const marks = (vantage: string, isBlind: boolean): Vectors['own'] => [
  point(Number(isBlind), { __name__: 'wardline_vantage_blind', vantage }),
  point(SINCE / 1000, { __name__: 'wardline_vantage_blind_since_seconds', vantage }),
]

const devices = [device('a'), device('b'), device('off', { enabled: false })]
const told = vectorsOf(
  { id: 'a', up: true, sampleAgo: 1_000, loss: 1, labels: { vantage: 'dc' } },
  { id: 'b', up: false, sampleAgo: 1_000, loss: 1, labels: { vantage: 'dc' } },
  { id: 'off', up: true, sampleAgo: 1_000, labels: { vantage: 'dc' } },
)
const viewWith = (vectors: Vectors) =>
  buildView(inventoryOf(...devices).current, vectors, new Map(), AT)

describe('while a collector is blind', () => {
  test('all that it probes is unknown, since nothing (C13)', () => {
    const view = viewWith({ ...told, own: marks('dc', true) })
    expect(view.rows.map(({ status, since }) => [status, since])).toEqual([
      ['unknown', null],
      ['unknown', null],
      ['disabled', null],
    ])
    expect(view.blind).toEqual([{ name: 'dc', since: SINCE, devices: ['a', 'b'] }])
  })

  test('what another one sampled last is as that says', () => {
    const seen = vectorsOf({ id: 'a', up: true, sampleAgo: 2_000, labels: { vantage: 'dc' } })
    const newer = vectorsOf({ id: 'a', sampleAgo: 1_000, labels: { vantage: 'north' } })
    const newest = [...seen.newest, ...newer.newest]
    const view = viewWith({ ...seen, newest, own: marks('dc', true) })
    expect(view.byId.get('a')?.status).toBe('up')
    expect(view.blind).toEqual([{ name: 'dc', since: SINCE, devices: [] }])
  })

  test.each([
    ['one that sees sampled too, whoever did so last', 11_000, 'up', []],
    ['one that sees sampled long before', 90_000, 'unknown', ['a']],
  ])('what %s', (_, northAgo, status, unknown) => {
    const seen = vectorsOf({ id: 'a', up: true, sampleAgo: 1_000, labels: { vantage: 'dc' } })
    const other = vectorsOf({ id: 'a', sampleAgo: northAgo, labels: { vantage: 'north' } })
    const newest = [...seen.newest, ...other.newest]
    const view = viewWith({ ...seen, newest, own: marks('dc', true) })
    expect(view.byId.get('a')?.status).toBe(status)
    expect(view.blind).toEqual([{ name: 'dc', since: SINCE, devices: unknown }])
  })
})

test('a collector that sees again hides nothing', () => {
  const view = viewWith({ ...told, own: marks('dc', false) })
  expect(view.rows.map(({ status }) => status)).toEqual(['up', 'down', 'disabled'])
  expect(view.blind).toEqual([])
})

describe('of a blind collector is told', () => {
  const view = viewWith({ ...told, own: marks('dc', true) })
  const since = new Date(SINCE).toISOString()

  test('how many devices are unknown for that (C13)', () => {
    expect(blindJson(view)).toEqual([
      {
        collector: 'dc',
        since,
        devices: 2,
        reason: `monitoring is blind: collector dc sees none of its canaries since ${since}, 2 devices are unknown`,
      },
    ])
  })

  test('to whoever sees a part of the fleet, how many of that part (H5)', () => {
    const west = device('b', { region: 'West' })
    const inventory = inventoryOf(device('a'), west).current
    const whole = buildView(inventory, { ...told, own: marks('dc', true) }, new Map(), AT)
    const scope = { regions: ['West'], branches: [] }
    const principal = { name: 'nino', kind: 'user', role: 'viewer', scope } as const

    expect(blindJson(viewFor(whole, principal))).toMatchObject([{ devices: 1 }])
  })

  test('that none is, where others look after its devices', () => {
    const blind = [{ name: 'dc', since: SINCE, devices: [] }]

    expect(blindJson({ blind })[0]?.reason).toMatch(/, no device is unknown for that$/)
  })
})
