import { expect, test } from 'vitest'
import { markSample } from '../../../lib/blindness.ts'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from './receiver.ts'
import { type PingFact, START, type Simulation, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const TURN = 2 * SECOND

const good = Array.from({ length: 10 }, (_, index) => device(`good-${index}`))
/** Loses every other echo all the time. */
const lossy = device('lossy')
/** Goes down before the collector is blind, and stays so. */
const dead = device('dead')
const devices = [...good, lossy, dead]

const DEAD_AT = START + 2 * MINUTE
const BLIND_AT = START + 4 * MINUTE
const SEES_AT = BLIND_AT + 3 * MINUTE
const END = SEES_AT + 3 * MINUTE

const isBlind = (at: number): boolean => at >= BLIND_AT && at < SEES_AT

/** Each device every 10 s in a second of its own, and what is down each second until that is confirmed. */
function probes(from: number, to: number): PingFact[] {
  const facts: PingFact[] = []
  for (let at = from; at < to; at += SECOND) {
    for (const [index, each] of devices.entries()) {
      const isConfirming = each === dead && at >= DEAD_AT && at < DEAD_AT + 5 * SECOND
      const isDue = (at - START) % (10 * SECOND) === (index % 10) * SECOND
      if (!isDue && !isConfirming) continue
      const up = !isBlind(at) && !(each === dead && at >= DEAD_AT)
      facts.push({ device: each, at, up, received: each === lossy ? 1 : 2 })
    }
  }
  return facts
}

/** What the collector says of itself: each second while it is blind, else every 15. */
function marks(from: number, to: number) {
  const said = []
  for (let at = from; at < to; at += SECOND) {
    const isSaid = isBlind(at) || at === SEES_AT || (at - START) % (15 * SECOND) === 0
    const since = isBlind(at) ? BLIND_AT : null
    if (isSaid) said.push(markSample({ vantage: 'collector-1', at, since }))
  }
  return said
}

async function run(sim: Simulation, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += TURN) {
    const said = marks(at, at + TURN)
    if (said.length > 0) await sim.write(said)
    await sim.ping(probes(at, at + TURN))
    if (at === START) await sim.start()
    await sim.runUntil(at + TURN)
  }
}

/** `{ up: 10, down: 1 … }`: how many devices are what. */
async function statuses(sim: Simulation): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { labels } of await sim.query('default_rollup(device_status[1m])')) {
    const status = labels['status'] ?? ''
    counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

const downSince = async (sim: Simulation) =>
  (await sim.query('default_rollup(device_down_since_seconds[1m])')).map(({ labels, value }) => [
    labels['device'],
    Math.round(value * 1000),
  ])

test(
  'minutes in which the collector is blind are one alert and its end, whatever restarts in them (C13)',
  { timeout: 180_000 },
  async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices, receivers: [{ url: receiver.url }] })

    await run(sim, START, BLIND_AT)
    expect(await statuses(sim)).toEqual({ up: 11, down: 1 })
    await waitFor(() => receiver.accepted().length === 2)
    expect(inShort(receiver.accepted()).sort()).toEqual([
      'firing DeviceDown dead',
      'firing PacketLoss lossy',
    ])

    await run(sim, BLIND_AT, BLIND_AT + MINUTE)
    expect(await statuses(sim)).toEqual({ unknown: 12 })
    await sim.stop()
    await sim.start()
    expect(await statuses(sim)).toEqual({ unknown: 12 })
    await run(sim, BLIND_AT + MINUTE, SEES_AT)
    expect(await statuses(sim)).toEqual({ unknown: 12 })
    expect(await downSince(sim)).toEqual([])

    await run(sim, SEES_AT, SEES_AT + TURN)
    expect(await statuses(sim)).toEqual({ up: 11, down: 1 })
    expect(await downSince(sim)).toEqual([['dead', DEAD_AT]])
    await run(sim, SEES_AT + TURN, END)
    expect(await statuses(sim)).toEqual({ up: 11, down: 1 })
    expect(await downSince(sim)).toEqual([['dead', DEAD_AT]])
    const lowest = await sim.query('min_over_time(device_state_up[15m]) == 0')
    expect(lowest.map(({ labels }) => labels['device'])).toEqual(['dead'])

    await waitFor(() => receiver.accepted().length >= 4)
    const told = receiver.accepted().slice(2)
    expect(inShort(told)).toEqual(['firing MonitoringBlind', 'resolved MonitoringBlind'])
    expect(told.map(({ startsAt }) => startsAt)).toEqual(
      Array.from({ length: 2 }, () => new Date(BLIND_AT).toISOString()),
    )
    expect(told[0]?.annotations['summary']).toBe(
      'Monitoring is blind: collector collector-1 sees nothing, 12 devices unknown',
    )
  },
)

test('the states of devices that fell silent in hours that nobody evaluated, blind to the end, are those of before', async () => {
  const HOUR = 3_600_000
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: good, receivers: [{ url: receiver.url }] })
  const every10s = (from: number, to: number, up: boolean): PingFact[] =>
    good.flatMap((each) => {
      const facts: PingFact[] = []
      for (let at = from; at < to; at += 10 * SECOND) facts.push({ device: each, at, up })
      return facts
    })
  await sim.ping(every10s(START, START + MINUTE, true))
  await sim.start()
  await sim.runUntil(START + MINUTE)
  await sim.stop()

  const later = START + 7 * HOUR
  sim.skipTo(later)
  await sim.ping(every10s(later - 2 * HOUR, later - HOUR, true))
  await sim.ping(every10s(later - HOUR, later, false))
  const since = later - HOUR
  const said = Array.from({ length: 3_600 }, (_, second) =>
    markSample({ vantage: 'collector-1', at: since + second * SECOND, since }),
  )
  await sim.write(said)
  await sim.start()
  await sim.runUntil(later + TURN)

  expect(await statuses(sim)).toEqual({ unknown: good.length })
  await waitFor(() => receiver.accepted().length > 0)
  expect(inShort(receiver.accepted())).toEqual(['firing MonitoringBlind'])
})
