import type { FleetDevice } from '../lab/fleet.ts'
import { type Random, createRandom } from '../lab/random.ts'
import { type ScriptEvent, castOf } from '../lab/script.ts'
import { type Cluster, type Fault, STORES, alertingNames, collectorNames } from './fault.ts'

/** What happens when, all of it from the seed. */
export type Script = {
  readonly faults: readonly Fault[]
  /** What befalls the devices. At the end all of them answer again. */
  readonly network: readonly ScriptEvent[]
  /** Everything has begun and ended by then. */
  readonly lengthMs: number
}

export type ScriptOptions = Cluster & {
  readonly seed: string
  readonly lengthMs: number
  readonly devices: readonly FleetDevice[]
}

/** All is well for so long at first, and nothing begins so close to the end. */
const CALM_MS = { first: 10_000, last: 10_000 }
const FAULT_MS = { least: 3_000, most: 16_000 }
/** Who was killed is there again, and has heard from its canaries. */
const AGAIN_MS = 8_000
const GAP_MS = { least: 2_000, most: 5_000 }
/** Faults come in waves of so long … */
const WAVE_MS = 60_000
/** … and then none for so long: what was done has to come right, and what lasts has to be told. */
const REST_MS = 55_000
/** A script of this length has rests, after which the collectors' network is taken away, and … */
const LEAST_WITH_RESTS_MS = 240_000
/** … that has to be told: it lasts for so long, and nothing else is done until then. */
const BLIND_MS = { lasts: 12_000, alone: 16_000 }
/** As often a fault begins while the one before it lasts. */
const OVERLAP = 0.25
const OUTAGE_MS = { least: 20_000, most: 90_000 }
/** One device of so many has an outage in a minute. */
const OUTAGES_PER_MINUTE = 1 / 25
const BRANCH_OUTAGE_EVERY_MS = 50_000
const LOSSY_SHARE = 0.02

export function writeScript({ seed, lengthMs, devices, ...cluster }: ScriptOptions): Script {
  return {
    faults: dealFaults(cluster, lengthMs, createRandom(`faults:${seed}`)),
    network: playNetwork(devices, lengthMs, createRandom(`network:${seed}`)),
    lengthMs,
  }
}

type Card = Omit<Fault, 'atMs' | 'lastsMs' | 'stepMs'>

/** A card for each thing that can happen; the deck is dealt through before one comes again. */
function deckOf(cluster: Cluster): Card[] {
  if (cluster.together === true) return deckTogether()
  const services = [...collectorNames(cluster), ...alertingNames(cluster)]
  const lines = services.flatMap((target) => STORES.map((store) => ({ target, store })))
  const processes = [...services, 'api', ...STORES]
  return [
    // Twice: what is lost and told twice is lost and told twice by them.
    ...[...processes, ...processes].map((target) => ({ kind: 'kill', target }) as const),
    ...[...services, ...STORES].map((target) => ({ kind: 'freeze', target }) as const),
    ...lines.map((line) => ({ kind: 'cut', ...line }) as const),
    ...[...lines, ...STORES.map((store) => ({ target: 'api', store }))].map(
      (line, turn) => ({ kind: 'drop', ...line, forgets: turn % 3 === 2 }) as const,
    ),
    ...lines.map((line) => ({ kind: 'slow', ...line }) as const),
    ...services.map((target) => ({ kind: 'clock', target }) as const),
    ...[...services, ...STORES].map((target) => ({ kind: 'disk', target }) as const),
    ...OUTSIDE,
  ]
}

const OUTSIDE: readonly Card[] = [
  ...(['fails', 'hangs-up', 'is-slow'] as const).map(
    (manner) => ({ kind: 'receiver', target: 'receiver', manner }) as const,
  ),
  { kind: 'blind', target: 'network' },
]

/** One process and its stores: there are no lines to cut. */
function deckTogether(): Card[] {
  const processes = ['wardline', ...STORES]
  return [
    ...[...processes, 'all', ...processes].map((target) => ({ kind: 'kill', target }) as const),
    ...processes.map((target) => ({ kind: 'freeze', target }) as const),
    ...OUTSIDE,
  ]
}

function dealFaults(cluster: Cluster, lengthMs: number, random: Random): Fault[] {
  const faults: Fault[] = []
  const busyUntil = new Map<string, number>()
  const hasRests = lengthMs >= LEAST_WITH_RESTS_MS
  let deck: Card[] = []
  let atMs = CALM_MS.first
  let waveEndsAt = atMs + WAVE_MS
  for (;;) {
    if (deck.length === 0) deck = shuffled(deckOf(cluster), random)
    const isRested = atMs >= waveEndsAt
    if (isRested) {
      atMs = Math.max(...faults.map((fault) => fault.atMs + fault.lastsMs)) + REST_MS
      waveEndsAt = atMs + WAVE_MS
    }
    const isAlone = isRested && deck.some(isBlind)
    const spreadMs = wholeSeconds(random.spread(FAULT_MS.least, FAULT_MS.most))
    const lastsMs = isAlone ? Math.max(BLIND_MS.lasts, spreadMs) : spreadMs
    if (atMs + lastsMs > lengthMs - CALM_MS.last) return faults
    const place = isAlone
      ? deck.findIndex(isBlind)
      : deck.findIndex(
          (card) =>
            hits(card, cluster).every((name) => (busyUntil.get(name) ?? 0) < atMs) &&
            !(hasRests && isBlind(card)),
        )
    const [card] = place === -1 ? [] : deck.splice(place, 1)
    if (card !== undefined) {
      faults.push({ ...card, atMs, lastsMs, ...(card.kind === 'clock' ? step(random) : {}) })
      // Who was started again is left in peace for a moment: it has to be there to be hit.
      for (const name of hits(card, cluster))
        busyUntil.set(name, atMs + lastsMs + (card.kind === 'kill' ? AGAIN_MS : GAP_MS.least))
    }
    const gapMs = wholeSeconds(random.spread(GAP_MS.least, GAP_MS.most))
    if (isAlone) atMs += lastsMs + BLIND_MS.alone
    else atMs += random.chance(OVERLAP) ? wholeSeconds(lastsMs / 2) : lastsMs + gapMs
  }
}

/**
 * What must have no other fault meanwhile. A collector that starts without a network can't tell that from a fleet that is
 * down (docs/blindness.md): none is killed while theirs is gone.
 */
function hits({ kind, target }: Card, cluster: Cluster): readonly string[] {
  if (kind === 'blind')
    return [target, ...(cluster.together === true ? ['wardline'] : collectorNames(cluster))]
  // With the process its stores end.
  return target === 'all' || target === 'wardline' ? ['wardline', ...STORES] : [target]
}

const isBlind = ({ kind }: Card): boolean => kind === 'blind'

/** Kinds take turns, so that a short script has of each what fits in. */
function shuffled(cards: readonly Card[], random: Random): Card[] {
  const kinds = Map.groupBy(random.shuffle(cards), ({ kind }) => kind)
  const turns = [...kinds.values()].flatMap((ofKind) =>
    ofKind.map((card, turn) => ({ card, rank: (turn + random.next()) / ofKind.length })),
  )
  return turns.sort((a, b) => a.rank - b.rank).map(({ card }) => card)
}

const step = (random: Random): Pick<Fault, 'stepMs'> => ({
  stepMs: random.integer(5, 60) * 1000 * (random.chance(0.5) ? 1 : -1),
})

function playNetwork(
  devices: readonly FleetDevice[],
  lengthMs: number,
  random: Random,
): ScriptEvent[] {
  const { alone, behind } = castOf(devices)
  const parents = new Set(devices.flatMap((device) => device.parents ?? []))
  // Branches that are cut off are kept apart: why a device is down must never have two answers.
  const branches = random.shuffle([...behind].filter(([, below]) => below.length >= 3)).slice(0, 3)
  const apart = new Set(branches.flatMap(([router, below]) => [router, ...below]))
  const leaves = random.shuffle(alone.filter((id) => !parents.has(id) && !apart.has(id)))
  const lossy = leaves.splice(0, Math.round(devices.length * LOSSY_SHARE))
  const endMs = lengthMs - CALM_MS.last
  const events: ScriptEvent[] = []

  const outage = (ids: readonly string[], atMs: number, cause: string): number => {
    const lastsMs = wholeSeconds(random.spread(OUTAGE_MS.least, OUTAGE_MS.most))
    const untilMs = Math.min(atMs + lastsMs, endMs)
    if (untilMs - atMs < OUTAGE_MS.least) return untilMs
    events.push({ atMs, action: 'down', devices: ids, cause })
    events.push({ atMs: untilMs, action: 'up', devices: ids, cause })
    return untilMs
  }

  const gapMs = 60_000 / Math.max(1, devices.length * OUTAGES_PER_MINUTE)
  const freeAt = new Map<string, number>()
  for (let atMs = 3_000; atMs < endMs; atMs += gapMs) {
    const free = leaves.filter((id) => (freeAt.get(id) ?? 0) < atMs)
    if (free.length === 0) continue
    const victim = random.pick(free)
    // What follows at once can't be told from one outage.
    freeAt.set(victim, outage([victim], wholeSeconds(atMs), 'power cut') + OUTAGE_MS.least)
  }
  for (const [turn, [router, below]] of branches.entries())
    for (
      let atMs = 15_000 + turn * BRANCH_OUTAGE_EVERY_MS;
      atMs < endMs;
      atMs += branches.length * BRANCH_OUTAGE_EVERY_MS + OUTAGE_MS.most
    )
      outage([router, ...below], atMs, 'branch outage')
  for (const id of lossy) {
    const shared = { action: 'lossy', devices: [id], cause: 'bad line' } as const
    events.push({ ...shared, atMs: 0, percent: random.pick([5, 10, 20]) })
    events.push({ ...shared, atMs: endMs, percent: 0 })
  }
  return events.sort((a, b) => a.atMs - b.atMs)
}

const wholeSeconds = (ms: number): number => Math.round(ms / 1000) * 1000
