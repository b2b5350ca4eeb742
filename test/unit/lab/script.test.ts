import { describe, expect, test } from 'vitest'
import { createFleet } from '../../../lab/fleet.ts'
import {
  type EndlessOptions,
  type ScriptEvent,
  castOf,
  endlessScript,
  storyScript,
} from '../../../lab/script.ts'

const HOUR = 3_600_000
const { devices } = createFleet()

function firstHour(options: EndlessOptions): ScriptEvent[] {
  const events: ScriptEvent[] = []
  for (const event of endlessScript(devices, options)) {
    if (event.atMs > HOUR) break
    events.push(event)
  }
  return events
}

/** How many devices are down at the end of each minute. */
function downByMinute(events: readonly ScriptEvent[]): number[] {
  const holds = new Map<string, number>()
  const counts: number[] = []
  let minute = 1
  for (const { atMs, action, devices: ids } of events) {
    for (; atMs > minute * 60_000; minute++)
      counts.push([...holds.values()].filter((count) => count > 0).length)
    const change = action === 'down' ? 1 : action === 'up' ? -1 : 0
    for (const id of ids) holds.set(id, (holds.get(id) ?? 0) + change)
  }
  return counts
}

describe('an endless script', () => {
  test('is the same for the same seed and another for another', () => {
    expect(firstHour({ seed: 'a' })).toEqual(firstHour({ seed: 'a' }))
    expect(firstHour({ seed: 'a' })).not.toEqual(firstHour({ seed: 'b' }))
  })

  test('is in the order of time, on whole seconds', () => {
    const instants = firstHour({ seed: 'a' }).map(({ atMs }) => atMs)
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
    expect(instants.every((atMs) => atMs >= 0 && atMs % 1000 === 0)).toBe(true)
  })

  test.each(['a', 'b', 'c'])('keeps between 0.5 and 12 %% down in every minute (%s)', (seed) => {
    const counts = downByMinute(firstHour({ seed }))
    expect(counts.length).toBeGreaterThan(55)
    expect(Math.min(...counts)).toBeGreaterThan(devices.length * 0.005)
    expect(Math.max(...counts)).toBeLessThan(devices.length * 0.12)
  })

  test('starts with devices that are down already', () => {
    const atOnce = firstHour({ seed: 'a' }).filter(({ atMs }) => atMs === 0)
    expect(atOnce.filter(({ action }) => action === 'down').length).toBeGreaterThan(5)
    expect(atOnce.some(({ action }) => action === 'up')).toBe(false)
  })

  test('has every kind of trouble in it', () => {
    const actions = new Set(firstHour({ seed: 'a' }).map(({ action }) => action))
    expect([...actions].sort()).toEqual(['down', 'lossy', 'rebooted', 'silent', 'speaking', 'up'])
  })

  test('cuts off a branch as a whole: the router and all behind it', () => {
    const outage = firstHour({ seed: 'a' }).find(({ cause }) => cause === 'branch outage')
    const [router = '', ...behind] = outage?.devices ?? []
    expect(behind.length).toBeGreaterThan(0)
    expect(behind).toEqual(castOf(devices).behind.get(router))
  })

  test('at twice the speed does the same in half the time', () => {
    const slow = firstHour({ seed: 'a' }).slice(0, 200)
    const quick = firstHour({ seed: 'a', speed: 2 }).slice(0, 200)
    const summary = (events: readonly ScriptEvent[]) =>
      events.map(({ cause, devices: ids }) => `${cause} ${ids.join()}`).toSorted()
    expect(summary(quick)).toEqual(summary(slow))
    expect((slow.at(-1)?.atMs ?? 0) / (quick.at(-1)?.atMs ?? 1)).toBeCloseTo(2, 0)
  })

  test('without a network of its own only lets SNMP agents fall silent', () => {
    const actions = new Set(firstHour({ seed: 'a', only: 'snmp' }).map(({ action }) => action))
    expect([...actions].sort()).toEqual(['silent', 'speaking'])
  })

  test('ends at once where nothing can happen', () => {
    const [device] = createFleet({ devices: 1 }).devices
    const { snmp: _, ...bare } = device ?? createFleet().devices[0]!
    expect([...endlessScript([bare], { seed: 'a', only: 'snmp' })]).toEqual([])
  })
})

describe('a story', () => {
  const story = storyScript(devices, {
    seed: 'a',
    alreadyDown: 1 / 3,
    outages: 20,
    overMs: 120_000,
  })

  test('is the same for the same seed', () => {
    expect(
      storyScript(devices, { seed: 'a', alreadyDown: 1 / 3, outages: 20, overMs: 120_000 }),
    ).toEqual(story)
  })

  test('begins with a third of the devices down for good', () => {
    const [first, ...rest] = story
    const gone = new Set(first?.devices)
    expect(first).toMatchObject({ atMs: 0, action: 'down' })
    expect(gone.size).toBe(292)
    expect(rest.some(({ devices: ids }) => ids.some((id) => gone.has(id)))).toBe(false)
  })

  test('takes each of the others down once, and brings it back', () => {
    const course = Map.groupBy(story.slice(1), ({ devices: ids }) => ids.join())
    expect(course.size).toBe(20)
    for (const events of course.values()) {
      expect(events.map(({ action }) => action)).toEqual(['down', 'up'])
      const lasts = (events[1]?.atMs ?? 0) - (events[0]?.atMs ?? 0)
      expect(lasts).toBeGreaterThanOrEqual(15_000)
      expect(lasts).toBeLessThanOrEqual(60_000)
    }
  })

  test('leaves devices alone that share their address', () => {
    const alone = new Set(castOf(devices).alone)
    expect(story.flatMap(({ devices: ids }) => ids).every((id) => alone.has(id))).toBe(true)
  })
})
