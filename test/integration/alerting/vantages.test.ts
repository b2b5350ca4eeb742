import { expect, test } from 'vitest'
import { buildView } from '../../../api/view/build.ts'
import { askVectors, windowsOf } from '../../../api/view/vectors.ts'
import { SPOOL_FROM } from '../../../lib/lateness.ts'
import { COLLECTOR_INFO } from '../../../lib/sites.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from './receiver.ts'
import { type PingFact, START, type Simulation, simulate } from './simulation.ts'
import { scriptFleet } from './truth.ts'

const SECOND = 1_000
const MINUTE = 60_000
const TURN = 2 * SECOND

/** What the API says of each device: `up`, or `down` since when. */
async function shown(sim: Simulation): Promise<Record<string, string>> {
  await sim.query('1') // all that was said is searchable
  const { current } = sim.inventory
  const options = { signal: new AbortController().signal, timeoutMs: 10_000 }
  const at = sim.now() + 10
  const vectors = await askVectors(
    sim.stores.victoriaMetrics,
    windowsOf(current, 15_000),
    at,
    options,
  )
  const { rows } = buildView(current, vectors, new Map(), at)
  return Object.fromEntries(
    rows.map(({ device: { id }, status, since }) => [
      id,
      status === 'down' ? `down since ${since}` : status,
    ]),
  )
}

/** What alerting recorded of each. */
async function recorded(sim: Simulation): Promise<Record<string, string>> {
  const statuses = await sim.query('default_rollup(device_status[1m])')
  const since = new Map(
    (await sim.query('default_rollup(device_down_since_seconds[1m])')).map(({ labels, value }) => [
      labels['device'],
      Math.round(value * 1000),
    ]),
  )
  return Object.fromEntries(
    statuses.map(({ labels: { device: id = '', status = '' } }) => [
      id,
      status === 'down' ? `down since ${since.get(id)}` : status,
    ]),
  )
}

const waits = (from: number, at: number): Sample => ({
  measurement: '',
  labels: { vantage: 'collector-1' },
  fields: { [SPOOL_FROM]: from / 1000 },
  at,
})

test(
  'VictoriaMetrics is away for 10 minutes of 70 transitions: nothing false meanwhile, then every since is exact and told once (B1, F7)',
  { timeout: 180_000 },
  async () => {
    const AWAY_AT = START + 3 * MINUTE
    const BACK_AT = AWAY_AT + 10 * MINUTE
    const END = BACK_AT + 2 * MINUTE
    const fleet = scriptFleet({
      seed: 'away',
      count: 30,
      transitions: 70,
      start: START,
      end: END,
    })
    await using receiver = await startReceiver()
    await using sim = await simulate({
      devices: fleet.devices,
      receivers: [{ url: receiver.url }],
      alerting: { flapping: { high: 100, low: 100, roles: {} } },
    })
    const truth = (at: number): Record<string, string> =>
      Object.fromEntries(
        fleet.devices.map(({ id }) => {
          const state = fleet.stateAt(id, at)
          const text = state?.up === false ? `down since ${state.since}` : 'up'
          return [id, state === null ? 'unknown' : text]
        }),
      )
    await sim.write([waits(0, START)])
    await sim.ping(fleet.samples(START, START + TURN))
    await sim.start()
    for (let at = START + TURN; at < AWAY_AT; at += TURN) {
      await sim.ping(fleet.samples(at, at + TURN))
      await sim.runUntil(at + TURN)
    }
    expect(await recorded(sim)).toEqual(truth(AWAY_AT))

    sim.skipTo(BACK_AT)
    // 20 s of it come in with each second, behind what is probed now.
    let replayed = AWAY_AT
    for (let at = BACK_AT; at < END; at += TURN) {
      await sim.write([waits(replayed < BACK_AT ? replayed : 0, at)])
      await sim.ping(fleet.samples(at, at + TURN))
      const isLate = replayed < BACK_AT
      if (isLate) {
        const next = Math.min(replayed + 40 * SECOND, BACK_AT)
        await sim.ping(fleet.samples(replayed, next))
        replayed = next
      }
      await sim.runUntil(at + TURN)
      if (isLate) {
        const seen = [await recorded(sim), await shown(sim)]
        for (const statuses of seen)
          expect(new Set(Object.values(statuses))).toEqual(new Set(['unknown']))
      }
    }

    const now = sim.now()
    expect(await recorded(sim)).toEqual(truth(now))
    expect(await shown(sim)).toEqual(truth(now))
    const due = fleet.devices.flatMap(({ id }) => {
      const state = fleet.stateAt(id, now)
      return state?.up === false ? [`${id} ${new Date(state.since).toISOString()}`] : []
    })
    const open = (): string[] => {
      const told = new Map<string, string>()
      for (const { labels, status, startsAt } of receiver.accepted()) {
        if (labels['alertname'] !== 'DeviceDown') continue
        const key = `${labels['device']} ${startsAt}`
        // Once each: firing, then resolved.
        expect([key, status, told.get(key)]).toEqual([
          key,
          status,
          status === 'firing' ? undefined : 'firing',
        ])
        told.set(key, status)
      }
      return [...told].flatMap(([key, status]) => (status === 'firing' ? [key] : [])).sort()
    }
    await waitFor(() => open().length === due.length)
    expect(open()).toEqual(due.sort())
  },
)

test(
  'a device that one of two sites has lost is up; one that both have lost is down, since the first of them saw it',
  { timeout: 120_000 },
  async () => {
    const [half, whole] = [device('half'), device('whole')]
    const LOST_AT = START + MINUTE
    await using receiver = await startReceiver()
    await using sim = await simulate({
      devices: [half, whole],
      receivers: [{ url: receiver.url }],
    })
    const info = (vantage: string, at: number): Sample => ({
      measurement: '',
      labels: { vantage, site: `site of ${vantage}` },
      fields: { [COLLECTOR_INFO]: 1 },
      at,
    })
    /** One site asks every 10 s, the other 4 s later; and each second for a while, once either was in vain. */
    const facts = (from: number, to: number): PingFact[] => {
      const all: PingFact[] = []
      for (let at = from; at < to; at += SECOND) {
        for (const each of [half, whole]) {
          for (const [vantage, offset] of [
            ['one', 0],
            ['two', 4],
          ] as const) {
            const isBurst = at >= LOST_AT && at < LOST_AT + 5 * SECOND
            if ((at - START) % (10 * SECOND) !== offset * SECOND && !isBurst) continue
            const up = at < LOST_AT || (each === half && vantage === 'two')
            all.push({ device: each, at, up, vantage })
          }
        }
      }
      return all
    }
    for (let at = START; at < LOST_AT + 2 * MINUTE; at += TURN) {
      if ((at - START) % MINUTE === 0) await sim.write([info('one', at), info('two', at)])
      await sim.ping(facts(at, at + TURN))
      if (at === START) await sim.start()
      await sim.runUntil(at + TURN)
      if (at === LOST_AT + 6 * SECOND)
        expect(await recorded(sim)).toEqual({ half: 'up', whole: `down since ${LOST_AT}` })
    }
    expect(await recorded(sim)).toEqual({ half: 'up', whole: `down since ${LOST_AT}` })
    expect(await shown(sim)).toEqual(await recorded(sim))
    const changes = await sim.query(
      'count_over_time((device_state_up{device="half"} == 0)[10m:1s])',
    )
    expect(changes).toEqual([])
    await sim.delivered()
    const told = inShort(receiver.accepted()).filter((text) => text.includes('DeviceDown'))
    expect(told).toEqual(['firing DeviceDown whole'])
  },
)

test('a service whose clock is 5 minutes off is told of, and one that is right again is not (B5)', async () => {
  await using receiver = await startReceiver()
  await using sim = await simulate({ devices: [], receivers: [{ url: receiver.url }] })
  const skew = (seconds: number, at: number): Sample => ({
    measurement: '',
    labels: { instance: 'collector-1' },
    fields: { wardline_clock_skew_seconds: seconds },
    at,
  })
  await sim.write([skew(-300, START)])
  await sim.start()
  await sim.runUntil(START + 30 * SECOND)
  await waitFor(() => receiver.accepted().length === 1)
  await sim.write([skew(0, START + 30 * SECOND)])
  await sim.runUntil(START + MINUTE)
  await waitFor(() => receiver.accepted().length === 2)
  expect(
    receiver.accepted().map(({ status, annotations }) => [status, annotations['summary']]),
  ).toEqual([
    ['firing', 'The clock of collector-1 is 5m off'],
    ['resolved', 'The clock of collector-1 is 5m off'],
  ])
})
