import { expect, test } from 'vitest'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, startReceiver } from './receiver.ts'
import {
  type PingFact,
  START,
  type Simulation,
  type SimulationOptions,
  pings,
  simulate,
} from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

const router = device('router-1')

/** The engine's first start ever, over samples that are there already; then a minute more of the same. */
async function firstStart(
  history: readonly PingFact[],
  options: SimulationOptions = { devices: [router] },
): Promise<Simulation & { readonly receiver: TestReceiver }> {
  const receiver = await startReceiver()
  const sim = await simulate({ ...options, receivers: [{ url: receiver.url }] })
  await sim.ping(history)
  await sim.start()
  return {
    ...sim,
    receiver,
    async [Symbol.asyncDispose]() {
      await sim[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

const stateOf = async (sim: Simulation, id = router.id) => {
  const points = await sim.query(
    `last_over_time({__name__=~"device_state_.+",device="${id}"}[15m])`,
  )
  const value = (name: string) => points.find(({ labels }) => labels['__name__'] === name)?.value
  const up = value('device_state_up')
  return up === undefined
    ? null
    : { up, since: Math.round((value('device_state_since') ?? 0) * 1000) }
}

const told = (receiver: TestReceiver, alertname = 'DeviceDown') =>
  receiver
    .accepted()
    .filter(({ labels }) => labels['alertname'] === alertname)
    .map(({ status, labels, annotations }) => [status, labels['device'], annotations['down_since']])

const iso = (at: number) => new Date(at).toISOString()

test('a device that is down from its first probe on is told once, since that probe (C1)', async () => {
  await using sim = await firstStart([])
  await sim.ping(pings(router, false, START + 3 * SECOND, START + 10 * MINUTE))
  await sim.runUntil(START + 10 * MINUTE)
  await waitFor(() => told(sim.receiver).length > 0)
  expect(told(sim.receiver)).toEqual([['firing', 'router-1', iso(START + 3 * SECOND)]])
  expect(await stateOf(sim)).toEqual({ up: 0, since: START + 3 * SECOND })
})

test.each([
  ['ten minutes', 10 * MINUTE],
  ['five hours', 5 * HOUR],
  ['three days', 3 * DAY],
])('a device that went down %s before is told once, exactly since then (C1)', async (_, ago) => {
  const downAt = START - ago
  await using sim = await firstStart([
    ...pings(router, true, downAt - 2 * HOUR, downAt, 30 * SECOND),
    ...pings(router, false, downAt, START, 30 * SECOND),
  ])
  await sim.ping(pings(router, false, START, START + MINUTE))
  await sim.runUntil(START + MINUTE)
  await waitFor(() => told(sim.receiver).length > 0)
  expect(told(sim.receiver)).toEqual([['firing', 'router-1', iso(downAt)]])
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
})

test('an outage that has gone on since before the first stored sample is since that sample (B3)', async () => {
  await using sim = await firstStart(pings(router, false, START - 40 * DAY, START, 10 * MINUTE))
  expect(await stateOf(sim)).toEqual({ up: 0, since: START - 40 * DAY })
})

test('a device that was down and came back is up, since then, and nothing is told', async () => {
  await using sim = await firstStart([
    ...pings(router, true, START - 9 * HOUR, START - 8 * HOUR),
    ...pings(router, false, START - 8 * HOUR, START - 7 * HOUR),
    ...pings(router, true, START - 7 * HOUR, START),
  ])
  await sim.runUntil(START + 10 * SECOND)
  expect(await stateOf(sim)).toEqual({ up: 1, since: START - 7 * HOUR })
  expect(told(sim.receiver)).toEqual([])
})

test('a gap in the samples begins no outage anew', async () => {
  const downAt = START - 9 * HOUR
  await using sim = await firstStart([
    ...pings(router, true, downAt - HOUR, downAt),
    ...pings(router, false, downAt, START - 8 * HOUR),
    ...pings(router, false, START - 2 * HOUR, START),
  ])
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
})

test('a probe that was lost ten minutes before is no outage (C7)', async () => {
  const lostAt = START - 10 * MINUTE
  await using sim = await firstStart([
    ...pings(router, true, START - 9 * HOUR, lostAt),
    { device: router, at: lostAt, up: false },
    ...pings(router, true, lostAt + 10 * SECOND, START),
  ])
  await sim.runUntil(START + 10 * SECOND)
  expect((await stateOf(sim))?.up).toBe(1)
  expect(told(sim.receiver)).toEqual([])
})

test('a device that moved to another branch has one history (F4)', async () => {
  const downAt = START - 5 * HOUR
  const before = { ...router, branch: 'Saburtalo' }
  await using sim = await firstStart([
    ...pings(before, true, downAt - HOUR, downAt),
    ...pings(before, false, downAt, START - HOUR),
    ...pings(router, false, START - HOUR, START),
  ])
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
})

test('a device that went down just as it moved is down since its first probe at the new place (F4)', async () => {
  const movedAt = START - 5 * HOUR
  const before = { ...router, branch: 'Saburtalo' }
  await using sim = await firstStart([
    ...pings(before, false, movedAt - 2 * HOUR, movedAt - HOUR),
    ...pings(before, true, movedAt - HOUR, movedAt),
    ...pings(router, false, movedAt, START),
  ])
  expect(await stateOf(sim)).toEqual({ up: 0, since: movedAt })
})

test('a device whose old place was up to the end is what its new place says (F4)', async () => {
  const before = { ...router, branch: 'Aaa' }
  const after = { ...router, branch: 'Zzz' }
  const downAt = START - 4 * HOUR
  await using sim = await firstStart(
    [
      ...pings(after, true, START - 9 * HOUR, downAt),
      ...pings(after, false, downAt, START),
      ...pings(before, true, START - 20 * HOUR, START - 9 * HOUR),
      ...pings({ ...router, id: 'other' }, true, START - 9 * HOUR, START),
    ],
    { devices: [after, device('other')] },
  )
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
})
