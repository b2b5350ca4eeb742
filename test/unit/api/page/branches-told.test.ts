import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviceJson } from '../../../../api/device-json.ts'
import { branchesOf as tellBranches } from '../../../../api/stats.ts'
import { type DeviceRow, type View, buildView } from '../../../../api/view/build.ts'
import { STATUSES } from '../../../../lib/status.ts'
import type { Uplink } from '../../../../lib/uplink/readings.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, vectorsOf } from '../fleet-vectors.ts'
import { type Branch, branchesOf, branchesTold, createFleet } from './modules.ts'

// The wall shows the branches as the API counts them until it has the devices: then nothing on it may change but by what
// happened meanwhile.

const view: View = buildView(
  inventoryOf(device('a', { branch: 'Vake' })).current,
  vectorsOf({ id: 'a', up: true, sampleAgo: 0 }),
  new Map(),
  AT,
)

const uplinks = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('isp-a', 'isp-b', 'isp-10', 'isp-9'),
    interface: fc.constant('wan'),
    alias: fc.constant(''),
    state: fc.constantFrom<Uplink['state']>('up', 'down', 'admin_down', 'unknown'),
    since: fc.constantFrom(null, AT - 60_000),
  }),
  { selector: ({ name }) => name, maxLength: 2 },
)
const row = fc.record({
  branch: fc.constantFrom('', 'Vake', 'Gori', 'Town 10', 'Town 9'),
  status: fc.constantFrom(...STATUSES),
  since: fc.option(fc.integer({ min: AT - 300_000, max: AT })),
  isPlanned: fc.boolean(),
  isAcknowledged: fc.boolean(),
  uplinks,
})
const acknowledgement: NonNullable<DeviceRow['acknowledgement']> = {
  id: 'f',
  labels: {},
  startsAt: AT,
  createdBy: 'nino',
  comment: '',
  at: AT,
  expiresAt: null,
  sticky: false,
}

const without = (branches: readonly Branch[]) =>
  branches
    .map((branch) => ({ ...branch, regions: null }))
    .sort((a, b) => a.branch.localeCompare(b.branch))

test('the branches that the API tells are those that the page makes of its devices', () => {
  const [first] = view.rows
  if (first === undefined) throw new Error('the view has no row')
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (made) => {
      const rows = made.map(
        ({ branch, isPlanned, isAcknowledged, ...facts }, index): DeviceRow => ({
          ...first,
          ...facts,
          device: { ...first.device, id: `d${index}`, branch },
          maintenance: isPlanned ? { id: 'w', name: 'w', until: AT } : null,
          acknowledgement: isAcknowledged ? acknowledgement : null,
        }),
      )
      const of = { ...view, rows }
      const whole = createFleet()
      whole.load(
        rows.map((each) => deviceJson(each, of)),
        AT,
      )
      const early = createFleet()
      early.tell(tellBranches(of))

      expect(without(branchesTold(early.told ?? [], AT))).toEqual(
        without(branchesOf(whole.devices.values(), AT)),
      )
      expect(early.counts()).toEqual(whole.counts())
    }),
  )
})

test('a branch is in its region; of one in several nothing is said', () => {
  const { current } = inventoryOf(
    device('a', { branch: 'A', region: 'North' }),
    device('b1', { branch: 'B', region: 'North' }),
    device('b2', { branch: 'B', region: 'South' }),
  )
  const told = branchesTold(tellBranches(buildView(current, vectorsOf(), new Map(), AT)), AT)

  expect(told.map(({ branch, regions }) => [branch, ...regions])).toEqual([['A', 'North'], ['B']])
})

test('once the devices are there, what was told before them is forgotten', () => {
  const fleet = createFleet()
  fleet.tell(tellBranches(view))
  expect(fleet.isLoaded).toBe(false)
  expect(fleet.told).toHaveLength(1)

  fleet.load([], AT)
  expect(fleet.told).toBeNull()
  expect(fleet.counts()).toMatchObject({ up: 0 })

  // It comes late where the list is short.
  fleet.tell(tellBranches(view))
  expect(fleet.told).toBeNull()
})
