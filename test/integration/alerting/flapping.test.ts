import { describe, expect, test } from 'vitest'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, type ToldAlert, inShort, startReceiver } from './receiver.ts'
import { type PingFact, START, type Simulation, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000

const router = device('router')
const leaf = device('leaf', { parents: ['router'] })

const FLAPS = START + MINUTE
const CYCLE = 10 * SECOND
/** Down for five seconds of ten, twelve times; then down for good. */
const LAST_DOWN = FLAPS + 12 * CYCLE
const BACK = LAST_DOWN + 6 * MINUTE
const END = BACK + 7 * MINUTE

const answers = (at: number): boolean => {
  if (at < FLAPS || at >= BACK) return true
  return at < LAST_DOWN && (at - FLAPS) % CYCLE >= 5 * SECOND
}

/** A probe each second while it flaps, every ten seconds else, of each device. */
function probes(from: number, to: number, devices = [router]): PingFact[] {
  const facts: PingFact[] = []
  for (let at = from; at < to; at += SECOND) {
    const isDue = (at >= FLAPS && at < LAST_DOWN + 10 * SECOND) || (at - START) % CYCLE === 0
    if (isDue) for (const each of devices) facts.push({ device: each, at, up: answers(at) })
  }
  return facts
}

async function run(sim: Simulation, from: number, to: number, devices = [router]): Promise<void> {
  for (let at = from; at < to; at += 2 * SECOND) {
    await sim.ping(probes(at, at + 2 * SECOND, devices))
    if (at === START) await sim.start()
    await sim.runUntil(at + 2 * SECOND)
    // What a slow receiver missed of a flap it would be told with the next one.
    await sim.delivered()
  }
}

const isOf =
  (...names: readonly string[]) =>
  ({ labels }: ToldAlert): boolean =>
    names.includes(labels['alertname'] ?? '')
const told = (receiver: TestReceiver): string[] =>
  inShort(receiver.accepted().filter(isOf('DeviceDown', 'DeviceFlapping')))

/** The most alerts of one name and device that were open at once, by what the receiver was told. */
function mostOpen(receiver: TestReceiver): number {
  const open = new Map<string, number>()
  let most = 0
  for (const { status, labels } of receiver.accepted()) {
    const key = `${labels['alertname']} ${labels['device']}`
    const count = (open.get(key) ?? 0) + (status === 'firing' ? 1 : -1)
    open.set(key, count)
    most = Math.max(most, count)
  }
  return most
}

const FIRST = ['firing DeviceDown router', 'resolved DeviceDown router']

describe('a device flaps 12 times in 2 minutes, then stays down, then stays up (C2)', () => {
  test('one flapping alert, then a down alert with its exact since; then all is resolved', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    await run(sim, START, LAST_DOWN)
    await waitFor(() => told(receiver).length >= 3)
    // Nobody can know of the first outage that others will follow.
    expect(told(receiver)).toEqual([...FIRST, 'firing DeviceFlapping router'])

    await run(sim, LAST_DOWN, LAST_DOWN + 2 * MINUTE)
    expect(told(receiver)).toHaveLength(3)
    const held = await sim.query('wardline_alert_held')
    expect(held.map(({ labels }) => labels)).toEqual([
      expect.objectContaining({ alertname: 'DeviceDown', device: 'router', by: 'flapping' }),
    ])
    expect((await sim.query('device_flapping_score'))[0]?.value).toBeGreaterThan(50)

    await run(sim, LAST_DOWN + 2 * MINUTE, BACK)
    await waitFor(() => told(receiver).length >= 5)
    const after = receiver.accepted().filter(isOf('DeviceDown', 'DeviceFlapping')).slice(3)
    expect(inShort(after).toSorted()).toEqual([
      'firing DeviceDown router',
      'resolved DeviceFlapping router',
    ])
    const down = after.find(isOf('DeviceDown'))
    expect(down?.startsAt).toBe(new Date(LAST_DOWN).toISOString())
    expect(down?.annotations['down_since']).toBe(new Date(LAST_DOWN).toISOString())
    const [heldUntil] = await sim.query('tlast_over_time(wardline_alert_held[1h])')
    expect((heldUntil?.value ?? 0) * 1000 - LAST_DOWN).toBeLessThanOrEqual(3 * MINUTE)

    await run(sim, BACK, END)
    await waitFor(() => told(receiver).length >= 6)
    expect(told(receiver).slice(5)).toEqual(['resolved DeviceDown router'])
    expect(mostOpen(receiver)).toBe(1)
    expect(await sim.query('ALERTS')).toEqual([])
    expect(await sim.query('{__name__=~"wardline_alert_held|device_flapping_score"}')).toEqual([])
  })

  test('the same with a restart in the middle of it, and one while it is held back', async () => {
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices: [router], receivers: [{ url: receiver.url }] })
    await run(sim, START, FLAPS + 6 * CYCLE)
    await sim.stop()
    await sim.start()
    await run(sim, FLAPS + 6 * CYCLE, LAST_DOWN + MINUTE)
    await sim.stop()
    await sim.start()
    await run(sim, LAST_DOWN + MINUTE, LAST_DOWN + 2 * MINUTE)
    expect(told(receiver)).toEqual([...FIRST, 'firing DeviceFlapping router'])
    await run(sim, LAST_DOWN + 2 * MINUTE, END)
    await waitFor(() => told(receiver).length >= 6)
    expect(told(receiver).slice(3).toSorted()).toEqual([
      'firing DeviceDown router',
      'resolved DeviceDown router',
      'resolved DeviceFlapping router',
    ])
    expect(mostOpen(receiver)).toBe(1)
  })

  test('what lies behind it flaps because it does, and is told to nobody', async () => {
    const devices = [router, leaf]
    await using receiver = await startReceiver()
    await using sim = await simulate({ devices, receivers: [{ url: receiver.url }] })
    await run(sim, START, LAST_DOWN + MINUTE, devices)
    const held = await sim.query('wardline_alert_held')
    expect(
      held
        .map(
          ({ labels }) =>
            `${labels['alertname']} ${labels['device']} ${labels['by']} ${labels['cause']}`,
        )
        .toSorted(),
    ).toEqual([
      'DeviceDown leaf parent router',
      'DeviceDown router flapping DeviceFlapping',
      'DeviceFlapping leaf parent router',
    ])
    await run(sim, LAST_DOWN + MINUTE, END, devices)
    await waitFor(() => told(receiver).length >= 6)
    expect(told(receiver).filter((line) => line.includes('leaf'))).toEqual([])
  })
})
