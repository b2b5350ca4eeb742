import { expect, test } from 'vitest'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from './receiver.ts'
import { START, type Simulation, pings, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000

const router = device('router-1')
const disabled = { ...router, enabled: false }

/** Every series that says what a device is now, without those of alerts. */
const shown = async (sim: Simulation, id = router.id): Promise<string[]> =>
  (await sim.query(`{__name__=~"device_(status|up|down_since_seconds)",device="${id}"}`))
    .map(({ labels, value }) => `${labels['__name__']} ${labels['status'] ?? value}`)
    .toSorted()

async function downSince(sim: Simulation): Promise<number | null> {
  const [point] = await sim.query(`device_down_since_seconds{device="${router.id}"}`)
  return point === undefined ? null : Math.round(point.value * 1000)
}

/** Down since `START + MINUTE`, the samples up to `until`, the engine there. */
async function anOutage(sim: Simulation, until: number): Promise<void> {
  await sim.ping(pings(router, true, START, START + MINUTE))
  await sim.ping(pings(router, false, START + MINUTE, until))
  await sim.start()
  await sim.runUntil(until)
}

test('a device that was never sampled is unknown, and nothing else is said of it (A6)', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({
    devices: [router, ...Array.from({ length: 20 }, (_, index) => device(`d${index}`))],
    receivers: [{ url: receiver.url }],
  })
  for (let index = 0; index < 20; index++)
    await sim.ping(pings(device(`d${index}`), true, START, START + 5 * MINUTE))
  await sim.start()
  await sim.runUntil(START + 5 * MINUTE)
  expect(await shown(sim)).toEqual(['device_status unknown'])
  expect(receiver.requests).toEqual([])
})

test('a device that is disabled during an outage: its alert ends and it is in no series, at once (A6)', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  await anOutage(sim, START + 3 * MINUTE)
  sim.inventory.replace(disabled)
  await sim.runUntil(START + 3 * MINUTE + 2 * SECOND)
  expect(await shown(sim)).toEqual([])
  expect(await sim.query('ALERTS')).toEqual([])
  await waitFor(() => receiver.requests.length === 2)
  expect(inShort(receiver.accepted())).toEqual([
    'firing DeviceDown router-1',
    'resolved DeviceDown router-1',
  ])
})

test.each([
  ['seconds later', 4 * SECOND, false],
  ['minutes later', 5 * MINUTE, false],
  ['seconds later, after a restart', 4 * SECOND, true],
  ['minutes later, after a restart', 5 * MINUTE, true],
])('re-enabled %s it has no stale down_since (A6)', async (_, later, restarts) => {
  await using sim = await simulate({ devices: [router, device('other')] })
  const disabledAt = START + 3 * MINUTE
  const enabledAt = disabledAt + later
  await sim.ping(pings(device('other'), true, START, enabledAt + 5 * MINUTE, SECOND))
  await anOutage(sim, disabledAt)
  sim.inventory.replace(disabled, device('other'))
  await sim.runUntil(disabledAt + 2 * SECOND)
  if (restarts) {
    await sim.stop()
    await sim.start()
  }
  await sim.runUntil(enabledAt)
  sim.inventory.replace(router, device('other'))
  await sim.runUntil(enabledAt + 4 * SECOND)
  expect(await shown(sim)).toEqual(['device_status unknown'])

  const failedAt = enabledAt + 5 * SECOND
  await sim.ping(pings(router, false, failedAt, failedAt + 30 * SECOND))
  await sim.runUntil(failedAt + 40 * SECOND)
  expect(await downSince(sim)).toBe(failedAt)
})

test('re-enabled and well, it is up', async () => {
  await using sim = await simulate({ devices: [router] })
  await anOutage(sim, START + 3 * MINUTE)
  sim.inventory.replace(disabled)
  await sim.runUntil(START + 4 * MINUTE)
  sim.inventory.replace(router)
  await sim.ping(pings(router, true, START + 4 * MINUTE + SECOND, START + 5 * MINUTE))
  await sim.runUntil(START + 5 * MINUTE)
  expect(await shown(sim)).toEqual(['device_status up', 'device_up 1'])
})

test('a device that leaves the inventory during an outage leaves nothing behind', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  await anOutage(sim, START + 3 * MINUTE)
  sim.inventory.replace()
  await sim.runUntil(START + 4 * MINUTE)
  expect(await shown(sim)).toEqual([])
  await waitFor(() => receiver.requests.length === 2)
  expect(inShort(receiver.accepted()).at(-1)).toBe('resolved DeviceDown router-1')
})

test('a device that moves to another branch while it is down keeps its since, and leaves no ghost (F4)', async () => {
  await using sim = await simulate({ devices: [router] })
  await anOutage(sim, START + 3 * MINUTE)
  const moved = { ...router, branch: 'Gldani' }
  sim.inventory.replace(moved)
  await sim.ping(pings(moved, false, START + 3 * MINUTE, START + 5 * MINUTE))
  await sim.runUntil(START + 5 * MINUTE)
  expect(await downSince(sim)).toBe(START + MINUTE)
  const branchOf = async (name: string) =>
    (await sim.query(`${name}{device="router-1"}`)).map(({ labels }) => labels['branch'])
  expect(await branchOf('device_status')).toEqual(['Gldani'])
  // The outage is the one that was told, under the labels that it was told with.
  expect(await branchOf('ALERTS')).toEqual(['Vake'])
})
