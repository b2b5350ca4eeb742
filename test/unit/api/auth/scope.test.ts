import { expect, test } from 'vitest'
import { viewFor } from '../../../../api/auth/scope.ts'
import { buildView } from '../../../../api/view/build.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { someone } from '../acting.ts'
import { AT, alertPoints, emptyVectors } from '../fleet-vectors.ts'

const inventory = inventoryOf(
  device('near', { region: 'West', branch: 'Gori' }),
  device('far', { region: 'East', branch: 'Vake' }),
).current
const west = someone('viewer', { regions: ['West'], branches: [] })
const gori = someone('viewer', { regions: [], branches: ['Gori'] })

const seenBy = (principal: typeof west, labels: Record<string, string>): boolean => {
  const alerts = alertPoints({ alertname: 'BranchUplinksDown', ...labels }, 'firing', 1_000)
  const view = buildView(inventory, { ...emptyVectors, alerts }, new Map(), AT)
  return viewFor(view, principal).alerts.length > 0
}

test.each([
  ['of a device in sight', { device: 'near' }, true, true],
  [
    'of a device in sight that was elsewhere',
    { device: 'near', branch: 'Vake', region: 'East' },
    true,
    true,
  ],
  ['of another device', { device: 'far', branch: 'Gori', region: 'West' }, false, false],
  ['of a device that is gone', { device: 'gone', branch: 'Gori', region: 'West' }, false, false],
  ['of a branch in sight', { branch: 'Gori', region: 'West' }, true, true],
  ['of another branch', { branch: 'Vake', region: 'East' }, false, false],
  ['of a region', { region: 'West' }, true, false],
  ['about wardline itself', {}, false, false],
])('an alert %s', (_of, labels, byRegion, byBranch) => {
  expect([seenBy(west, labels), seenBy(gori, labels)]).toEqual([byRegion, byBranch])
})
