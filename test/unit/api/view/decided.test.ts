import { describe, expect, test } from 'vitest'
import { acknowledgementOf, inMaintenance } from '../../../../api/view/decided.ts'
import { NOTHING_DECIDED } from '../../../../lib/decisions/decided.ts'
import type { MaintenanceWindow, Schedule } from '../../../../lib/decisions/window.ts'
import { parseMatchers } from '../../../../lib/matchers.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const AT = Date.UTC(2026, 10, 22, 12, 0, 0)
const HOUR_MS = 3_600_000
const { current: inventory } = inventoryOf(
  device('a', { branch: 'Vake' }),
  device('b', { branch: 'Gori' }),
)

function window(
  id: string,
  matchers: string,
  schedule: Schedule = { kind: 'once', startsAt: AT - HOUR_MS, endsAt: AT + HOUR_MS },
): MaintenanceWindow {
  const about = { name: `the ${id}`, createdBy: 'ann', comment: '', updatedAt: AT }
  return { id, matchers: parseMatchers(matchers), schedule, ...about }
}
const covered = (...windows: MaintenanceWindow[]) =>
  Object.fromEntries(inMaintenance({ ...NOTHING_DECIDED, windows }, inventory, AT))

describe('in maintenance', () => {
  test.each([
    ['branch="Vake"', ['a']],
    ['device=~"a|b"', ['a', 'b']],
    ['region="elsewhere"', []],
    ['branch="Vake",alertname="DeviceDown"', ['a']],
    ['branch="Vake",alertname="HighLatency"', []],
    ['branch="Vake",severity!="critical"', []],
  ])('a window of %s covers %j', (matchers, ids) => {
    expect(Object.keys(covered(window('w', matchers)))).toEqual(ids)
  })

  test('from its beginning up to its end', () => {
    const over: Schedule = { kind: 'once', startsAt: AT - HOUR_MS, endsAt: AT }
    const toCome: Schedule = { kind: 'once', startsAt: AT + 1, endsAt: AT + HOUR_MS }

    expect(covered(window('x', 'device="a"', over), window('y', 'device="a"', toCome))).toEqual({})
    expect(covered(window('z', 'device="a"'))).toEqual({
      a: { id: 'z', name: 'the z', until: AT + HOUR_MS },
    })
  })

  test('of two windows the one that lasts longer is told', () => {
    const longer: Schedule = { kind: 'once', startsAt: AT, endsAt: AT + 2 * HOUR_MS }

    expect(
      covered(window('long', 'device="a"', longer), window('short', 'device="a"'))['a']?.id,
    ).toBe('long')
  })

  test('one that ends between two views is seen to have ended', () => {
    const decided = { ...NOTHING_DECIDED, windows: [window('w', 'device="a"')] }

    expect(inMaintenance(decided, inventory, AT).size).toBe(1)
    expect(inMaintenance(decided, inventory, AT + HOUR_MS).size).toBe(0)
  })
})

describe('acknowledged', () => {
  const labels = { alertname: 'DeviceDown', device: 'a' }
  const alert = {
    name: 'DeviceDown',
    severity: null,
    state: 'firing' as const,
    device: 'a',
    activeAt: AT - HOUR_MS,
    labels,
    held: [],
  }
  const given = {
    id: 'f',
    labels,
    startsAt: AT - HOUR_MS,
    createdBy: 'ann',
    comment: 'on it',
    at: AT - 60_000,
    expiresAt: null,
    sticky: false,
  }
  const of = (but: object) => ({ acknowledgements: [{ ...given, ...but }] })

  test.each([
    ['of this occurrence', {}, true],
    ['of one before', { startsAt: AT - 2 * HOUR_MS }, false],
    ['of one before, but sticky', { startsAt: AT - 2 * HOUR_MS, sticky: true }, true],
    ['of another alert', { labels: { ...labels, alertname: 'Other' } }, false],
    ['over', { expiresAt: AT }, false],
    ['given later', { at: AT + 1 }, false],
  ])('one %s', (_title, but, isFound) => {
    expect(acknowledgementOf([alert], of(but), AT) !== null).toBe(isFound)
  })
})
