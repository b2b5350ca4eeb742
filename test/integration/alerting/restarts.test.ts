import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../lab/random.ts'
import type { Device } from '../../../lib/inventory.ts'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from './receiver.ts'
import { START, type Simulation, pings, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

const router = device('router-1')

async function restart(sim: Simulation, offForMs = 0): Promise<void> {
  await sim.stop()
  sim.skipTo(sim.now() + offForMs)
  await sim.start()
}

async function stateOf(sim: Simulation, id = router.id) {
  const points = await sim.query(
    `last_over_time({__name__=~"device_state_.+",device="${id}"}[15m])`,
  )
  const value = (name: string) => points.find(({ labels }) => labels['__name__'] === name)?.value
  return {
    up: value('device_state_up'),
    since: Math.round((value('device_state_since') ?? 0) * 1000),
  }
}

const statuses = async (sim: Simulation): Promise<string[]> =>
  (await sim.query('device_status')).map(({ labels }) => `${labels['device']} ${labels['status']}`)

/** Up for a minute before the engine starts, then down since `START + MINUTE`. */
async function withAnOutage(sim: Simulation, until = 5 * MINUTE, each: Device = router) {
  const downAt = START + MINUTE
  await sim.ping(pings(each, true, START - MINUTE, downAt))
  await sim.ping(pings(each, false, downAt, downAt + 3 * SECOND, SECOND))
  await sim.ping(pings(each, false, downAt + 10 * SECOND, START + until))
  await sim.start()
  await sim.runUntil(START + until)
  return downAt
}

test('20 restarts during an outage: one alert, one resolution, one since (B2, C3)', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
  const random = createRandom('twenty')
  const downAt = await withAnOutage(sim)
  for (let count = 0; count < 20; count++) {
    const from = sim.now()
    const off = random.integer(0, 90) * SECOND
    await sim.ping(pings(router, false, from, from + off + 30 * SECOND))
    await restart(sim, off)
    await sim.runUntil(from + off + 30 * SECOND)
    expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
  }
  const backAt = sim.now()
  await sim.ping(pings(router, true, backAt, backAt + MINUTE))
  await restart(sim)
  await sim.runUntil(backAt + MINUTE)
  await waitFor(() => receiver.accepted().length >= 2)

  const down = receiver.accepted().filter(({ labels }) => labels['alertname'] === 'DeviceDown')
  expect(inShort(down)).toEqual(['firing DeviceDown router-1', 'resolved DeviceDown router-1'])
  expect(down.map(({ startsAt }) => startsAt)).toEqual(
    Array(2).fill(new Date(downAt).toISOString()),
  )
  expect(receiver.requests).toHaveLength(receiver.accepted().length)
})

test.each([
  ['an hour', HOUR],
  ['five hours', 5 * HOUR],
  ['a day', DAY],
  ['50 days, which is more than any look-back', 50 * DAY],
])('the engine was off for %s of an outage: since is what it was (B2, B3)', async (_, off) => {
  await using sim = await simulate({ devices: [router] })
  const downAt = await withAnOutage(sim, 15 * MINUTE)
  const from = sim.now()
  const every = off > DAY ? MINUTE : 10 * SECOND
  await sim.ping(pings(router, false, from, from + off + MINUTE, every))
  await restart(sim, off)
  await sim.runUntil(from + off + MINUTE)
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
})

test.each([
  ['five hours', 5 * HOUR],
  ['a day', DAY],
])(
  'the engine was off for %s in which the device came back and went down again: since is the new outage',
  async (_, off) => {
    await using sim = await simulate({ devices: [router] })
    await withAnOutage(sim)
    const from = sim.now()
    const backAt = from + 2 * MINUTE
    const downAgainAt = backAt + 17 * SECOND
    await sim.ping([
      ...pings(router, false, from, backAt),
      ...pings(router, true, backAt, downAgainAt),
      ...pings(router, false, downAgainAt, from + off + MINUTE),
    ])
    await restart(sim, off)
    await sim.runUntil(from + off + MINUTE)
    expect(await stateOf(sim)).toEqual({ up: 0, since: downAgainAt })
  },
)

test('engine and collector were off for a night: the outage goes on since the evening before (B2)', async () => {
  await using sim = await simulate({ devices: [router] })
  const downAt = await withAnOutage(sim, 15 * MINUTE)
  const from = sim.now()
  const morning = from + 9 * HOUR
  await sim.ping(pings(router, false, morning, morning + MINUTE))
  await restart(sim, 9 * HOUR)
  await sim.runUntil(morning + MINUTE)
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
})

// The states at the end of a long gap come from a query as of ten minutes before, the rest from the samples.
test('a probe that was lost just where the query of a long gap ends is no outage (B2, C7)', async () => {
  await using sim = await simulate({ devices: [router] })
  const upAt = START + 5 * SECOND
  await sim.ping(pings(router, true, upAt, START + DAY + MINUTE))
  await sim.start()
  await sim.runUntil(START + 15 * MINUTE)
  const lostAt = START + DAY - 10 * MINUTE
  await sim.ping([{ device: router, at: lostAt, up: false }])
  await restart(sim, DAY - 15 * MINUTE)
  await sim.runUntil(START + DAY + MINUTE)
  expect(await stateOf(sim)).toEqual({ up: 1, since: upAt })
})

test('an outage that goes on for 45 days keeps its since, whatever the look-back (B3)', async () => {
  await using sim = await simulate({ devices: [router] })
  const downAt = await withAnOutage(sim)
  for (let day = 1; day <= 45; day++) {
    const at = downAt + day * DAY
    sim.skipTo(at)
    await sim.ping(pings(router, false, at, at + 20 * SECOND))
    await sim.runUntil(at + 20 * SECOND)
  }
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
  const from = sim.now()
  await sim.ping(pings(router, false, from, from + 20 * SECOND))
  await restart(sim)
  await sim.runUntil(from + 20 * SECOND)
  expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
}, 120_000)

test('a failed probe before the restart and two after it are one outage, since the first (B2)', async () => {
  await using sim = await simulate({ devices: [router, device('other')] })
  const failedAt = START + MINUTE + SECOND
  await sim.ping(pings(device('other'), true, START, START + 10 * MINUTE, SECOND))
  await sim.ping([
    ...pings(router, true, START, START + MINUTE),
    { device: router, at: failedAt, up: false },
  ])
  await sim.start()
  await sim.runUntil(START + 9 * MINUTE)
  await restart(sim)
  await sim.ping(pings(router, false, START + 9 * MINUTE, START + 10 * MINUTE))
  await sim.runUntil(START + 10 * MINUTE)
  expect(await stateOf(sim)).toEqual({ up: 0, since: failedAt })
})

// States are said again every 5 minutes of samples; probes before and after that instant.
describe.each([-1, 0, 1, 2, 3, 4])('a state said again %i s from a first failed probe', (shift) => {
  test('does not hide the outage, nor from a restart (B2)', async () => {
    await using sim = await simulate({ devices: [router, device('clock')] })
    const saidAt = START + 10 * MINUTE
    const downAt = saidAt - shift * SECOND
    await sim.ping(pings(device('clock'), true, START, saidAt + 3 * MINUTE, SECOND))
    await sim.ping(pings(router, true, START, downAt, SECOND))
    await sim.start()
    // Each sample is seen some time after its stamp, as from a real probe.
    for (let at = START; at < downAt; at += 20 * SECOND) await sim.runUntil(at)
    for (let at = downAt; at < saidAt + MINUTE; at += SECOND) {
      await sim.runUntil(at)
      await sim.ping([{ device: router, at: at - SECOND, up: at - SECOND < downAt }])
    }
    expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
    await restart(sim)
    await sim.ping(pings(router, false, sim.now(), sim.now() + MINUTE))
    await sim.runUntil(sim.now() + MINUTE)
    expect(await stateOf(sim)).toEqual({ up: 0, since: downAt })
  })
})

test('a device that is probed every 30 s has its status right after a restart', async () => {
  const slow = device('slow', { ping: { ...router.ping, intervalMs: 30_000 } })
  await using sim = await simulate({ devices: [slow, router] })
  await sim.ping(pings(slow, true, START, START + 5 * MINUTE, 30 * SECOND))
  await sim.ping(pings(router, true, START, START + 5 * MINUTE, SECOND))
  await sim.start()
  await sim.runUntil(START + 4 * MINUTE + 28 * SECOND)
  await restart(sim)
  expect(await statuses(sim)).toEqual(expect.arrayContaining(['slow up', 'router-1 up']))
})

test('an evaluation that was cut off halfway leaves nothing that shows on', async () => {
  await using sim = await simulate({ devices: [router] })
  await sim.ping(pings(router, true, START, START + 3 * MINUTE))
  await sim.start()
  await sim.runUntil(START + MINUTE)
  await sim.stop()
  // What a process wrote that ended before it could say that the evaluation was done.
  const labels = { device: router.id, branch: router.branch, region: router.region }
  const at = START + MINUTE + 2 * SECOND
  await sim.write([
    { measurement: 'device', labels: { ...labels, status: 'down' }, fields: { status: 1 }, at },
  ])
  sim.skipTo(at + 2 * SECOND)
  await sim.start()
  await sim.runUntil(at + 4 * SECOND)
  expect(await statuses(sim)).toEqual(['router-1 up'])
})

test('a probe that lasts longer than the usual is read although newer samples came first', async () => {
  const lazy = device('lazy', {
    ping: { intervalMs: 60_000, count: 6, timeoutMs: 10_000, confirm: 3 },
  })
  await using sim = await simulate({ devices: [lazy, router] })
  await sim.ping(pings(router, true, START, START + 10 * MINUTE, SECOND))
  await sim.start()
  for (let at = START; at < START + 8 * MINUTE; at += MINUTE) {
    await sim.runUntil(at + 55 * SECOND)
    await sim.ping([{ device: lazy, at, up: false }])
  }
  await sim.runUntil(START + 9 * MINUTE)
  expect(await stateOf(sim, 'lazy')).toEqual({ up: 0, since: START })
})

describe('late monitoring', () => {
  /** The collector is dead since `START + MINUTE`. */
  async function withADeadCollector(sim: Simulation): Promise<void> {
    await sim.ping(pings(router, true, START, START + MINUTE))
    await sim.start()
    await sim.runUntil(START + 3 * MINUTE)
  }
  const downAndLate = (names: readonly string[]) =>
    names.filter((name) => !name.includes('Flapping'))

  test('is told within two intervals of 10 s, and its end with the first samples (A3)', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    const lastAt = START + MINUTE - 10 * SECOND
    await sim.ping(pings(router, true, START, START + MINUTE))
    await sim.start()
    await sim.runUntil(lastAt + 20 * SECOND)
    await waitFor(() => receiver.requests.length === 1)
    expect(inShort(receiver.accepted())).toEqual(['firing MonitoringLate'])

    await sim.runUntil(START + 5 * MINUTE)
    expect(await statuses(sim)).toEqual(['router-1 unknown'])
    await sim.ping(pings(router, true, START + 5 * MINUTE, START + 6 * MINUTE))
    await sim.runUntil(START + 5 * MINUTE + 4 * SECOND)
    await waitFor(() => receiver.requests.length === 2)
    expect(inShort(receiver.accepted())).toEqual([
      'firing MonitoringLate',
      'resolved MonitoringLate',
    ])
    expect(await statuses(sim)).toEqual(['router-1 up'])
  })

  test('is not ended and told again by a restart (C3)', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    await withADeadCollector(sim)
    for (let count = 0; count < 5; count++) {
      await restart(sim)
      await sim.runUntil(sim.now() + MINUTE)
    }
    expect(downAndLate(inShort(receiver.accepted()))).toEqual(['firing MonitoringLate'])
  })

  test('is not told at a start while the collector still starts', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    await sim.start()
    await sim.runUntil(START + 16 * SECOND)
    expect(receiver.requests).toEqual([])
  })

  test('is not told of a device that was just added', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    const added = device('added')
    await sim.ping(pings(router, true, START, START + 10 * MINUTE))
    await sim.ping(pings(added, true, START + 5 * MINUTE + 9 * SECOND, START + 10 * MINUTE))
    await sim.start()
    await sim.runUntil(START + 5 * MINUTE)
    sim.inventory.replace(router, added)
    await sim.runUntil(START + 9 * MINUTE)
    expect(receiver.requests).toEqual([])
  })

  test('states are right with the first samples after ten dead minutes, and all within one interval (A3)', async () => {
    const fleet = Array.from({ length: 70 }, (_, index) => device(`d${index}`))
    await using sim = await simulate({ devices: fleet })
    const died = START + 2 * MINUTE
    const back = died + 10 * MINUTE
    const wasDown = (index: number) => index >= 50
    // 50 were up and go down meanwhile, 20 were down and come back.
    for (const [index, each] of fleet.entries()) {
      await sim.ping(pings(each, !wasDown(index), START, died))
      await sim.ping(pings(each, wasDown(index), back, back + 4 * SECOND, SECOND))
      await sim.ping(pings(each, wasDown(index), back + 10 * SECOND, back + MINUTE))
    }
    await sim.start()
    await sim.runUntil(died + 5 * MINUTE)
    expect(new Set((await statuses(sim)).map((text) => text.split(' ')[1]))).toEqual(
      new Set(['unknown']),
    )
    await sim.runUntil(back + 10 * SECOND)
    const now = (await statuses(sim)).toSorted()
    expect(now).toEqual(
      fleet.map(({ id }, index) => `${id} ${wasDown(index) ? 'up' : 'down'}`).toSorted(),
    )
  })
})
