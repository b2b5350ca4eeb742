import { describe, expect, test } from 'vitest'
import {
  type Json,
  branchesOf,
  createFleet,
  device,
  fitGroups,
  fitTiles,
  sortByTrouble,
} from './modules.ts'

const NOW = Date.parse('2026-11-22T12:00:00.000Z')
const down = (id: string, branch: string, but: Json = {}) =>
  device(id, { branch, status: 'down', since: '2026-11-22T11:00:00.000Z', ...but })
const uplink = (name: string, state: string) => ({
  name,
  interface: 'wan',
  alias: null,
  state,
  since: null,
})

function branches(...devices: Json[]) {
  const fleet = createFleet()
  fleet.load(devices, NOW)
  return branchesOf(fleet.devices.values(), NOW)
}

describe('branches', () => {
  test('a branch is as its worst device is', () => {
    const [vake] = branches(
      device('a'),
      device('b', { status: 'unknown', since: null }),
      down('c', 'Vake'),
      down('d', 'Vake', { status: 'unreachable', since: '2026-11-22T10:30:00.000Z' }),
      device('e', { status: 'disabled' }),
    )

    expect(vake).toMatchObject({ branch: 'Vake', status: 'down', lost: 2, total: 4, isNew: false })
    expect(vake?.downSince).toBe(Date.parse('2026-11-22T10:30:00.000Z'))
  })

  test('what nobody deals with comes first, what somebody does comes after lost lines, then what is well', () => {
    const maintenance = { id: 'w', name: 'w', until: null }
    const sorted = sortByTrouble(
      branches(
        device('1', { branch: 'well 10' }),
        device('2', { branch: 'well 9' }),
        down('3', 'planned', { maintenance }),
        device('4', { branch: 'line', uplinks: [uplink('isp', 'down')] }),
        device('5', { branch: 'late', status: 'unknown', since: null }),
        down('6', 'behind', { status: 'unreachable' }),
        down('7', 'one'),
        down('8', 'two'),
        down('9', 'two'),
        device('10', { branch: 'off', status: 'disabled' }),
      ),
    )

    expect(sorted.map(({ branch }) => branch)).toEqual([
      'two',
      'one',
      'behind',
      'late',
      'line',
      'planned',
      'well 9',
      'well 10',
      'off',
    ])
  })

  test('a branch of which one outage is dealt with, and another is not, is not dealt with', () => {
    const [vake] = branches(
      down('a', 'Vake', { acknowledged: { by: 'nino', comment: '', at: null, until: null } }),
      down('b', 'Vake', { since: '2026-11-22T11:59:00.000Z' }),
    )

    expect(vake).toMatchObject({ handled: null, isNew: true })
  })

  test('its lines are by name, whichever device has them', () => {
    const [vake] = branches(
      device('a', { uplinks: [uplink('isp-b', 'up')] }),
      device('b', { uplinks: [uplink('isp-a', 'admin_down')] }),
    )

    expect(vake?.uplinks.map(({ name }) => name)).toEqual(['isp-a', 'isp-b'])
    expect(vake?.lines).toBe('up')
  })
})

describe('the tiles of the wall', () => {
  const screen = { width: 1_490, height: 880 }

  test.each([0, 10, 30, 60, 128])(
    '128 branches, %d of them in trouble, are on one screen, all with their names',
    (trouble) => {
      const size = fitTiles({ trouble, well: 128 - trouble, ...screen })

      expect(size.fits).toBe(true)
      expect(size.trouble.width).toBeGreaterThanOrEqual(130)
      expect(size.well.name).not.toBe('dot')
    },
  )

  test('a laptop has them, too', () => {
    const size = fitTiles({ trouble: 22, well: 106, width: 965, height: 590 })

    expect(size.fits).toBe(true)
    expect(size.well.name).not.toBe('dot')
  })

  test('1,000 branches are too, those that are well without their names', () => {
    const size = fitTiles({ trouble: 20, well: 980, ...screen })

    expect(size).toMatchObject({ fits: true, well: { name: 'dot' } })
    expect(size.trouble.width).toBeGreaterThanOrEqual(150)
  })

  test('a few branches have large tiles, not the whole screen', () => {
    const { trouble } = fitTiles({ trouble: 2, well: 3, ...screen })

    expect(trouble.name).toBe('xl')
    expect(trouble.height).toBeLessThan(160)
  })

  test('ten regions of 13 branches are on one screen', () => {
    const regions = Array.from({ length: 10 }, (_, index) => ({ trouble: index % 4, well: 10 }))

    expect(fitGroups(regions, screen).fits).toBe(true)
  })
})
