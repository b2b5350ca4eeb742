import { describe, expect, test } from 'vitest'
import { buildView } from '../../../../api/view/build.ts'
import type { Vectors } from '../../../../api/view/vectors.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, point, vectorsOf } from '../fleet-vectors.ts'

const said = (name: string, ago: number | null, vantage = 'dc'): Vectors['own'][number] =>
  point(ago === null ? 0 : (AT - ago) / 1000, {
    __name__: `wardline_${name}_from_seconds`,
    vantage,
  })

const devices = [device('a'), device('off', { enabled: false })]
const told = vectorsOf(
  { id: 'a', up: true, sampleAgo: 1_000, labels: { vantage: 'dc' } },
  { id: 'off', up: true, sampleAgo: 1_000, labels: { vantage: 'dc' } },
)
const statusesWith = (own: Vectors['own'], vectors = told): (string | undefined)[] => {
  const view = buildView(inventoryOf(...devices).current, { ...vectors, own }, new Map(), AT)
  return devices.map(({ id }) => view.byId.get(id)?.status)
}

describe('a device whose newest sample is a second old', () => {
  test.each([
    ['nothing waits', [said('spool', null)], 'up'],
    ['samples of 10 minutes wait', [said('spool', 600_000)], 'unknown'],
    ['samples of 20 seconds wait', [said('spool', 20_000)], 'up'],
    ['those of another collector wait', [said('spool', 600_000, 'north')], 'up'],
    [
      'alerting has not read what has come in',
      [said('spool', null), said('vantage_late', 600_000)],
      'unknown',
    ],
    ['alerting waits no longer', [said('spool', 600_000), said('vantage_late', null)], 'up'],
  ])('while %s', (_, own, status) => {
    expect(statusesWith(own)).toEqual([status, 'disabled'])
  })

  test('and that another site sees is as that says', () => {
    const other = vectorsOf({ id: 'a', sampleAgo: 8_000, labels: { vantage: 'north' } })
    const vectors = { ...told, newest: [...told.newest, ...other.newest] }
    expect(statusesWith([said('spool', 600_000)], vectors)).toEqual(['up', 'disabled'])
  })
})
