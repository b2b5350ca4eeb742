import type { FleetDevice } from './fleet.ts'
import { INCIDENTS, type Incident, SNMP_INCIDENTS } from './incidents.ts'
import { type Random, createRandom } from './random.ts'

export type Action = 'down' | 'up' | 'lossy' | 'silent' | 'speaking' | 'rebooted'

/** Something that is done to devices. Instants are milliseconds after the script's start, whole seconds. */
export type ScriptEvent = {
  readonly atMs: number
  readonly action: Action
  readonly devices: readonly string[]
  /** Of `lossy`: what is lost; 0 ends it. */
  readonly percent?: number
  /** What it is part of, for people: `power cut`, `branch outage`. */
  readonly cause: string
}

export type EndlessOptions = {
  readonly seed: string
  /** 2 plays everything in half the time. */
  readonly speed?: number
  /** `snmp` leaves out what only a network of one's own can do. */
  readonly only?: 'snmp'
}

/**
 * Outages without end, in the order of time: single devices, whole branches, flapping and lossy devices,
 * reboots, SNMP agents that fall silent. It starts in the middle of things, and about 2 % are down at any time.
 */
export function* endlessScript(
  devices: readonly FleetDevice[],
  { seed, speed = 1, only }: EndlessOptions,
): Generator<ScriptEvent, void> {
  const random = createRandom(`script:${seed}`)
  const cast = castOf(devices)
  const pending: ScriptEvent[] = []
  const busyUntil = new Map<string, number>()
  const classes = (only === 'snmp' ? SNMP_INCIDENTS : INCIDENTS)
    .filter((incident) => incident.victims(cast).length > 0)
    .map((incident) => ({
      incident,
      gapMs: incident.meanMs / incident.concurrent(cast),
      nextMs: 0,
    }))

  function start(incident: Incident, atMs: number, ageShare = 0): void {
    const free = incident.victims(cast).filter((id) => (busyUntil.get(id) ?? 0) <= atMs)
    if (free.length === 0) return
    const victim = random.pick(free)
    const course = incident.course(victim, cast, random)
    const lasts = course.at(-1)?.atMs ?? 0
    const rest = remaining(course, lasts * ageShare)
    busyUntil.set(victim, atMs + lasts * (1 - ageShare))
    for (const event of rest)
      insert(pending, { ...event, atMs: wholeSecond((atMs + event.atMs) / speed) })
  }

  for (const entry of classes) {
    const underWay = Math.round(entry.incident.concurrent(cast))
    for (let count = 0; count < underWay; count++) start(entry.incident, 0, random.next())
    entry.nextMs = waitFor(entry.gapMs, random)
  }
  while (classes.length > 0) {
    const next = classes.reduce((a, b) => (b.nextMs < a.nextMs ? b : a))
    const until = wholeSecond(next.nextMs / speed)
    while ((pending[0]?.atMs ?? Infinity) <= until) yield pending.shift() as ScriptEvent
    start(next.incident, next.nextMs)
    next.nextMs += waitFor(next.gapMs, random)
  }
}

/** What is still to come of an incident that began `ageMs` ago: the state that it is in, then the rest. */
function remaining(course: readonly ScriptEvent[], ageMs: number): ScriptEvent[] {
  const current = course.findLastIndex(({ atMs }) => atMs <= ageMs)
  return course
    .slice(Math.max(0, current))
    .filter((event, place) => place > 0 || !isEnd(event))
    .map((event) => ({ ...event, atMs: Math.max(0, event.atMs - ageMs) }))
}

const isEnd = ({ action, percent }: ScriptEvent): boolean =>
  action === 'up' || action === 'speaking' || (action === 'lossy' && percent === 0)

export type StoryOptions = {
  readonly seed: string
  /** The share of devices that are down from the start to the end. */
  readonly alreadyDown: number
  /** How many others go down once each, and come back. */
  readonly outages: number
  /** When the last of them begins. */
  readonly overMs: number
  /** How long each lasts, from and to. */
  readonly outageMs?: readonly [number, number]
}

/** A story with an end, for tests: each device has at most one outage, and none shares its address. */
export function storyScript(
  devices: readonly FleetDevice[],
  { seed, alreadyDown, outages, overMs, outageMs = [15_000, 60_000] }: StoryOptions,
): ScriptEvent[] {
  const random = createRandom(`story:${seed}`)
  const shuffled = random.shuffle(castOf(devices).alone)
  const gone = shuffled.slice(0, Math.round(alreadyDown * devices.length))
  const victims = shuffled.slice(gone.length, gone.length + outages)
  const events: ScriptEvent[] = []
  if (gone.length > 0)
    events.push({ atMs: 0, action: 'down', devices: gone, cause: 'down before the start' })
  for (const [place, device] of victims.entries()) {
    const begins = wholeSecond(((place + random.next()) / victims.length) * overMs)
    const ends = begins + wholeSecond(random.spread(...outageMs))
    insert(events, { atMs: begins, action: 'down', devices: [device], cause: 'outage' })
    insert(events, { atMs: ends, action: 'up', devices: [device], cause: 'outage' })
  }
  return events
}

/** The fleet as incidents see it. */
export type Cast = {
  readonly size: number
  /** Devices that share their address with none: taking them down takes nobody else down. */
  readonly alone: readonly string[]
  readonly withSnmp: readonly string[]
  /** Routers with something behind them → all that is behind. */
  readonly behind: ReadonlyMap<string, readonly string[]>
}

export function castOf(devices: readonly FleetDevice[]): Cast {
  const byAddress = Map.groupBy(devices, ({ address }) => address)
  const children = new Map<string, string[]>()
  for (const { id, parents = [] } of devices)
    for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), id])
  const below = (id: string): string[] =>
    (children.get(id) ?? []).flatMap((child) => [child, ...below(child)])
  const routers = devices.filter(({ id, type }) => type === 'router' && children.has(id))
  return {
    size: devices.length,
    alone: devices
      .filter(({ address }) => byAddress.get(address)?.length === 1)
      .map(({ id }) => id),
    withSnmp: devices.filter(({ snmp }) => snmp !== undefined).map(({ id }) => id),
    behind: new Map(routers.map(({ id }) => [id, [...new Set(below(id))]])),
  }
}

const wholeSecond = (ms: number): number => Math.round(ms / 1000) * 1000

/** Memoryless: knowing the last incident says nothing about the next. */
const waitFor = (meanMs: number, random: Random): number => -Math.log(1 - random.next()) * meanMs

/** Keeps the order of time; of one instant, the order of arrival. */
function insert(events: ScriptEvent[], event: ScriptEvent): void {
  const place = events.findLastIndex(({ atMs }) => atMs <= event.atMs)
  events.splice(place + 1, 0, event)
}
