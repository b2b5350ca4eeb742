import { expect, test } from 'vitest'
import { planRuns } from '../../../../collector/ping/runs.ts'
import { device } from '../../../fakes/inventory.ts'

test('a run has no more echoes than fping has sequence numbers for; what is more is another run', () => {
  const devices = Array.from({ length: 25_000 }, (_, index) =>
    device(`d${index}`, { address: `address-${index}` }),
  )
  const runs = planRuns(new Map(devices.map((each) => [each, 2])), ({ address }) => address)
  expect(runs.map(({ targets }) => targets.size)).toEqual([10_000, 10_000, 5_000])
  expect(runs.flatMap(({ targets }) => [...targets.values()].flat())).toEqual(devices)
})
