import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../lab/random.ts'
import type { Device } from '../../../lib/inventory.ts'
import { waitFor } from '../../wait.ts'
import { type ToldAlert, type TestReceiver, startReceiver } from './receiver.ts'
import { START, type Simulation, simulate } from './simulation.ts'
import { type ScriptedFleet, scriptFleet } from './truth.ts'

const MINUTE = 60_000
const TURN = 2_000

/** What each answer says of each device: `up`, or `down` since when. */
type Opinions = Record<string, string>

async function opinions(sim: Simulation): Promise<Record<string, Opinions>> {
  const [up, since, status, downSince, dense, alerts, activeAt] = await Promise.all(
    [
      'last_over_time(device_state_up[15m])',
      'last_over_time(device_state_since[15m])',
      'device_status',
      'device_down_since_seconds',
      'device_up',
      'ALERTS{alertname="DeviceDown",alertstate="firing"}',
      'ALERTS_FOR_STATE{alertname="DeviceDown"}',
    ].map((expr) => sim.query(expr)),
  )
  const byDevice = (points: typeof up) =>
    new Map(points?.map(({ labels, value }) => [labels['device'] ?? '', value]))
  const ups = byDevice(up)
  const state: Opinions = {}
  for (const [id, value] of byDevice(since))
    state[id] = ups.get(id) === 1 ? 'up' : `down since ${Math.round(value * 1000)}`
  const dashboards: Opinions = {}
  for (const { labels } of status ?? []) {
    const id = labels['device'] ?? ''
    // Two statuses at once would show as `up,down`.
    dashboards[id] = [dashboards[id], labels['status']].filter(Boolean).join(',')
  }
  for (const [id, value] of byDevice(downSince))
    dashboards[id] = `${dashboards[id]} since ${Math.round(value * 1000)}`
  const numbers: Opinions = {}
  for (const [id, value] of byDevice(dense)) numbers[id] = value === 1 ? 'up' : 'down'
  const told: Opinions = {}
  const actives = byDevice(activeAt)
  for (const { labels } of alerts ?? []) {
    const id = labels['device'] ?? ''
    told[id] = `down since second ${actives.get(id)}`
  }
  return { state, dashboards, numbers, alerts: told }
}

function truth(fleet: ScriptedFleet, at: number): Record<string, Opinions> {
  const states: Opinions = {}
  const dashboards: Opinions = {}
  const numbers: Opinions = {}
  const alerts: Opinions = {}
  for (const { id } of fleet.devices) {
    const state = fleet.stateAt(id, at)
    dashboards[id] = 'unknown'
    if (state === null) continue
    states[id] = dashboards[id] = state.up ? 'up' : `down since ${state.since}`
    numbers[id] = state.up ? 'up' : 'down'
    if (!state.up) alerts[id] = `down since second ${Math.floor(state.since / 1000)}`
  }
  return { state: states, dashboards, numbers, alerts }
}

/**
 * All answers are the truth. VictoriaMetrics' force_flush doesn't wait for a flush that is under way, so that a sample
 * stored in these milliseconds may be seen one evaluation later.
 */
async function expectAgreement(sim: Simulation, fleet: ScriptedFleet, at: number): Promise<void> {
  const expected = truth(fleet, at)
  if (isDeepStrictEqual(await opinions(sim), expected)) return
  await sim.hint()
  expect(await opinions(sim)).toEqual(expected)
}

/** Every outage is told: what holds one back while a device flaps has tests of its own. */
const simulateTruth = (devices: readonly Device[], { url }: TestReceiver): Promise<Simulation> =>
  simulate({
    devices,
    receivers: [{ url }],
    alerting: { flapping: { high: 100, low: 100, roles: {} } },
  })

const downAlerts = (receiver: TestReceiver): ToldAlert[] =>
  receiver.accepted().filter(({ labels }) => labels['alertname'] === 'DeviceDown')

/** `device since → firing`, in the order of messages, each device apart. */
function toldByDevice(alerts: readonly ToldAlert[]): Record<string, string[]> {
  const told: Record<string, string[]> = {}
  for (const { labels, status, startsAt, annotations } of alerts) {
    const list = (told[labels['device'] ?? ''] ??= [])
    list.push(`${status} ${startsAt}`)
    expect(annotations['down_since']).toBe(startsAt)
  }
  return told
}

/** Remembers the outages that an evaluation could see: one that began and ended between two of them is no news. */
function createLookout(fleet: ScriptedFleet): {
  readonly seen: Set<string>
  look(at: number): void
} {
  const seen = new Set<string>()
  return {
    seen,
    look(at) {
      for (const { id } of fleet.devices) {
        const state = fleet.stateAt(id, at)
        if (state?.up === false) seen.add(`${id} ${new Date(state.since).toISOString()}`)
      }
    },
  }
}

/** What there is to tell of these outages by `end`. */
function dueByDevice(
  fleet: ScriptedFleet,
  end: number,
  outages: ReadonlySet<string>,
): Record<string, string[]> {
  const due: Record<string, string[]> = {}
  for (const { id } of fleet.devices) {
    const list = fleet.outages(id, end).flatMap(({ since, until }) => {
      const at = new Date(since).toISOString()
      if (!outages.has(`${id} ${at}`)) return []
      return [`firing ${at}`, ...(until === null ? [] : [`resolved ${at}`])]
    })
    if (list.length > 0) due[id] = list
  }
  return due
}

/** What was told once as much was told as there was to tell. */
async function toldWhenDone(
  receiver: TestReceiver,
  due: Record<string, string[]>,
): Promise<Record<string, string[]>> {
  const count = Object.values(due).flat().length
  // In vain, the comparison that follows says which ones are missing.
  await waitFor(() => downAlerts(receiver).length >= count).catch(() => {})
  return toldByDevice(downAlerts(receiver))
}

describe('200 random transitions of 50 devices, some down from the start', () => {
  const end = START + 30 * MINUTE
  const script = { count: 50, transitions: 200, start: START, end }

  test('every series and every webhook agrees with the truth at each evaluation (A1, A2, B1)', async () => {
    const fleet = scriptFleet({ ...script, seed: 'agree' })
    await using receiver = await startReceiver()
    await using sim = await simulateTruth(fleet.devices, receiver)
    await sim.ping(fleet.samples(START, START + TURN))
    await sim.start()
    const lookout = createLookout(fleet)
    let compared = 0
    for (let at = START + TURN; at < end; at += TURN) {
      await sim.ping(fleet.samples(at, at + TURN))
      await sim.runUntil(at + TURN)
      lookout.look(at + TURN)
      // Each is compared right after a probe that changed something, and now and then between.
      const changed = fleet.devices.some(({ id }) => {
        const before = fleet.stateAt(id, at)
        const after = fleet.stateAt(id, at + TURN)
        return before?.since !== after?.since
      })
      if (!changed && at % MINUTE !== 0) continue
      await expectAgreement(sim, fleet, at + TURN)
      compared++
    }
    expect(compared).toBeGreaterThan(150)
    const due = dueByDevice(fleet, end, lookout.seen)
    expect(await toldWhenDone(receiver, due)).toEqual(due)
  }, 300_000)

  test('the engine is stopped anywhere 10 times, VictoriaMetrics twice: same since, nothing told twice (B2, C3)', async () => {
    const fleet = scriptFleet({ ...script, seed: 'restarts' })
    const random = createRandom('instants')
    await using receiver = await startReceiver()
    await using sim = await simulateTruth(fleet.devices, receiver)
    const stops = new Set(Array.from({ length: 10 }, () => START + TURN * random.integer(5, 850)))
    const ends = new Set([START + 9 * MINUTE, START + 21 * MINUTE])
    const lookout = createLookout(fleet)

    await sim.ping(fleet.samples(START, START + TURN))
    await sim.start()
    for (let at = START + TURN; at < end; at += TURN) {
      await sim.ping(fleet.samples(at, at + TURN))
      if (stops.has(at)) {
        await sim.stopWithin(at + TURN, random.integer(0, 12))
        const off = TURN * random.integer(1, 40)
        await sim.ping(fleet.samples(at + TURN, at + TURN + off))
        at = Math.min(end - TURN, at + off)
        sim.skipTo(at + TURN)
        await sim.start()
      }
      if (ends.has(at)) await sim.endVictoriaMetrics('SIGTERM', () => sim.runUntil(at + TURN))
      await sim.runUntil(at + TURN)
      lookout.look(at + TURN)
      if (at % MINUTE === 0) await expectAgreement(sim, fleet, at + TURN)
    }
    await expectAgreement(sim, fleet, end)

    const told = await toldWhenDone(receiver, dueByDevice(fleet, end, lookout.seen))
    // An evaluation that was cut off may have told what it saw, or not.
    const maybe = downAlerts(receiver).map(
      ({ labels, startsAt }) => `${labels['device']} ${startsAt}`,
    )
    const due = dueByDevice(fleet, end, new Set([...lookout.seen, ...maybe]))
    expect(told).toEqual(due)
  }, 300_000)

  // It loses what it acknowledged in its last seconds: here all, for minutes pass in one of them.
  test('VictoriaMetrics is killed with -9 three times: every series agrees with the truth a turn later (B2)', async () => {
    const fleet = scriptFleet({ ...script, seed: 'killed' })
    await using receiver = await startReceiver()
    await using sim = await simulateTruth(fleet.devices, receiver)
    const lookout = createLookout(fleet)
    await sim.ping(fleet.samples(START, START + TURN))
    await sim.start()
    for (let at = START + TURN; at < end; at += TURN) {
      await sim.ping(fleet.samples(at, at + TURN))
      const isKilled =
        at === START + 8 * MINUTE || at === START + 20 * MINUTE || at === end - MINUTE
      if (isKilled) await sim.endVictoriaMetrics('SIGKILL', () => sim.runUntil(at + TURN))
      else await sim.runUntil(at + TURN)
      if (!isKilled) lookout.look(at + TURN)
      // What was lost comes again with the next samples of each writer.
      if (!isKilled && at % MINUTE < 3 * TURN) await expectAgreement(sim, fleet, at + TURN)
    }
    await expectAgreement(sim, fleet, end)
    const due = dueByDevice(fleet, end, lookout.seen)
    expect(await toldWhenDone(receiver, due)).toEqual(due)
  }, 300_000)
})
