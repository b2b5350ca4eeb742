import { describe, expect, test } from 'vitest'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { createRandom } from '../../../lab/random.ts'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, inShort, startReceiver } from './receiver.ts'
import { type PingFact, START, type Simulation, pings, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000

const router = device('router')
const children = Array.from({ length: 30 }, (_, index) =>
  device(`child-${String(index).padStart(2, '0')}`, { parents: ['router'] }),
)
const fleet = [router, ...children]
const random = createRandom('phases')
/** Everything is probed every 10 s, each device in its own second. */
const phases = new Map(fleet.map(({ id }) => [id, random.integer(0, 9) * SECOND]))

/**
 * What a collector samples while a device answers only where `answers` says so. The first failure of a device is
 * followed by three more probes, and its parent is asked at once.
 */
function collect(
  from: number,
  to: number,
  answers: (id: string, at: number) => boolean,
): PingFact[] {
  const facts: PingFact[] = []
  const due = new Map<string, number>()
  const failing = new Set<string>()
  for (let at = from; at < to; at += SECOND) {
    for (const each of fleet) {
      const isPlanned = (at - START) % (10 * SECOND) === phases.get(each.id)
      const extra = due.get(each.id) ?? 0
      if (!isPlanned && extra === 0) continue
      if (extra > 0) due.set(each.id, extra - 1)
      const up = answers(each.id, at)
      facts.push({ device: each, at, up })
      if (!up && !failing.has(each.id)) {
        due.set(each.id, 3)
        for (const parent of each.parents) due.set(parent, Math.max(1, due.get(parent) ?? 0))
      }
      if (up && failing.has(each.id) && each.id === 'router')
        for (const child of children) if (failing.has(child.id)) due.set(child.id, 1)
      if (up) failing.delete(each.id)
      else failing.add(each.id)
    }
  }
  return facts
}

async function run(
  sim: Simulation,
  from: number,
  to: number,
  facts: readonly PingFact[],
): Promise<void> {
  for (let at = from; at < to; at += 2 * SECOND) {
    await sim.ping(facts.filter((fact) => fact.at >= at && fact.at < at + 2 * SECOND))
    if (at === START) await sim.start()
    await sim.runUntil(at + 2 * SECOND)
  }
}

const told = (receiver: TestReceiver): string[] =>
  inShort(receiver.accepted().filter(({ labels }) => labels['alertname'] === 'DeviceDown'))

const count = async (sim: Simulation): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await sim.query('count by (status) (device_status)')).map(({ labels, value }) => [
      labels['status'] ?? '',
      value,
    ]),
  )

describe('a router goes down with the 30 devices behind it (C6)', () => {
  const downAt = START + MINUTE
  const backAt = START + 4 * MINUTE
  const end = START + 7 * MINUTE

  test('one problem is told, the one that stays down after it later, and each ends once', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: fleet, receivers: [{ url: receiver.url }] })
    const broken = children[7]?.id ?? ''
    const facts = collect(START, end, (id, at) => {
      const isOut = at >= downAt && at < backAt
      if (id === broken && at >= downAt) return at >= START + 6 * MINUTE
      return !isOut
    })
    await run(sim, START, backAt, facts)
    expect(told(receiver)).toEqual(['firing DeviceDown router'])
    expect(await count(sim)).toEqual({ down: 1, unreachable: 30 })
    const [outage] = receiver.accepted()
    expect(outage?.annotations).toMatchObject({
      summary: 'router.example.net is down, 30 devices unreachable behind it',
      description: expect.stringContaining('30 devices unreachable behind router.example.net'),
      unreachable: '30',
    })
    const held = await sim.query(
      'count by (alertname, by, cause) (wardline_alert_held{device=~"child-.*"})',
    )
    expect(held).toMatchObject([
      { value: 30, labels: { alertname: 'DeviceDown', by: 'parent', cause: 'router' } },
    ])

    await run(sim, backAt, START + 6 * MINUTE, facts)
    expect(await count(sim)).toEqual({ down: 1, up: 30 })
    expect(await sim.query('wardline_alert_held')).toEqual([])
    await waitFor(() => told(receiver).length >= 3)
    expect(told(receiver)).toEqual([
      'firing DeviceDown router',
      'resolved DeviceDown router',
      `firing DeviceDown ${broken}`,
    ])
    const failedAt = facts.find(
      ({ device: { id }, at, up }) => id === broken && !up && at >= downAt,
    )?.at
    const late = receiver.accepted().find(({ labels }) => labels['device'] === broken)
    expect(late?.annotations['down_since']).toBe(new Date(failedAt ?? 0).toISOString())

    await run(sim, START + 6 * MINUTE, end, facts)
    await waitFor(() => told(receiver).length >= 4)
    expect(told(receiver).slice(3)).toEqual([`resolved DeviceDown ${broken}`])
  })

  test('an alert of any rule is held back for what lies behind, and told where it is left', async () => {
    await using receiver = await startReceiver()
    const rule = { alert: 'AnyDown', expr: 'device_up == 0', annotations: {} }
    const own: RuleGroup = { name: 'own', file: 'own.yml', intervalMs: 5 * SECOND, rules: [rule] }
    await using sim = await simulate({
      devices: fleet,
      receivers: [{ url: receiver.url }],
      groups: (defaults) => [...defaults, own],
    })
    const broken = children[7]?.id ?? ''
    const facts = collect(START, end, (id, at) => {
      if (id === broken && at >= downAt) return at >= START + 6 * MINUTE
      return !(at >= downAt && at < backAt)
    })
    const ofOwn = (): string[] =>
      inShort(receiver.accepted().filter(({ labels }) => labels['alertname'] === 'AnyDown'))
    await run(sim, START, backAt, facts)
    expect(ofOwn()).toEqual(['firing AnyDown router'])
    const held = await sim.query('count by (cause) (wardline_alert_held{alertname="AnyDown"})')
    expect(held).toMatchObject([{ value: 30, labels: { cause: 'router' } }])

    await run(sim, backAt, end, facts)
    await waitFor(() => ofOwn().length >= 4)
    expect(ofOwn()).toEqual([
      'firing AnyDown router',
      'resolved AnyDown router',
      `firing AnyDown ${broken}`,
      `resolved AnyDown ${broken}`,
    ])
  })

  test('what was held back when alerting ended shows no more once it is over', async () => {
    await using sim = await simulate({ devices: fleet })
    const facts = collect(START, end, (_id, at) => at < downAt || at >= backAt)
    await run(sim, START, backAt, facts)
    const held = (): Promise<readonly unknown[]> => sim.query('wardline_alert_held')
    expect(await held()).toHaveLength(30)
    await sim.stop()
    await sim.ping(facts.filter(({ at }) => at >= backAt && at < backAt + MINUTE))
    sim.skipTo(backAt + MINUTE)
    expect(await held()).toHaveLength(30)
    await sim.start()
    await sim.runUntil(backAt + MINUTE + 4 * SECOND)
    expect(await held()).toEqual([])
  })

  test('a device that was told before is not ended or told again because of its router', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: fleet, receivers: [{ url: receiver.url }] })
    const [first] = children
    const facts = collect(START, end, (id, at) => {
      if (id === first?.id) return at < START + 20 * SECOND || at >= START + 6 * MINUTE
      return at < downAt || at >= backAt
    })
    await run(sim, START, START + 6 * MINUTE, facts)
    await waitFor(() => told(receiver).length >= 3)
    expect(told(receiver)).toEqual([
      `firing DeviceDown ${first?.id}`,
      'firing DeviceDown router',
      'resolved DeviceDown router',
    ])
    await run(sim, START + 6 * MINUTE, end, facts)
    await waitFor(() => told(receiver).length >= 4)
    expect(told(receiver).slice(3)).toEqual([`resolved DeviceDown ${first?.id}`])
  })

  test('nothing else is told when the engine restarts in the middle', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: fleet, receivers: [{ url: receiver.url }] })
    const facts = collect(START, end, (_, at) => at < downAt || at >= backAt)
    await run(sim, START, downAt + MINUTE, facts)
    await sim.stop()
    await sim.start()
    await run(sim, downAt + MINUTE, backAt + 5 * SECOND, facts)
    await sim.stop()
    await sim.start()
    await run(sim, backAt + 5 * SECOND, end, facts)
    await waitFor(() => told(receiver).length >= 2)
    expect(told(receiver)).toEqual(['firing DeviceDown router', 'resolved DeviceDown router'])
    expect(await count(sim)).toEqual({ up: 31 })
  })
})

test('two changes within one second: nothing of the first one shows after the second (A2)', async () => {
  await using sim = await simulate({ devices: [router] })
  const at = START + MINUTE
  await sim.ping(pings(router, true, START, at - 3 * SECOND))
  await sim.start()
  await sim.runUntil(at - 2 * SECOND)
  sim.skipTo(at + 100)
  await sim.ping(pings(router, false, at - 3 * SECOND, at, SECOND))
  await sim.hint()
  expect(await sim.query('ALERTS')).toHaveLength(1)
  sim.skipTo(at + 900)
  await sim.ping([{ device: router, at: at + 500, up: true }])
  await sim.hint()
  sim.skipTo(at + 1_000)
  expect(await sim.query('ALERTS')).toEqual([])
  const shown = await sim.query('{__name__=~"device_(status|up|down_since_seconds)"}')
  expect(
    shown
      .map(({ labels, value }) => `${labels['__name__']} ${labels['status'] ?? value}`)
      .toSorted(),
  ).toEqual(['device_status up', 'device_up 1'])
})
