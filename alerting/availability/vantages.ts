import {
  BLIND_MARK_MS,
  type Stretches,
  isAnyBlindIn,
  isBlindAt,
  readLastStretches,
  readMarks,
  withMarks,
} from '../../lib/blindness.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { STALE_INTERVALS } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { readVantages } from './history.ts'
import { type PingSample, readPingSamples, readPingSamplesByVantage } from './samples.ts'

/** A collector that has lost its network. */
export type BlindVantage = {
  readonly vantage: string
  readonly since: number
  /** How many enabled devices it is the one to know of. */
  readonly devices: number
}

/** What the vantages see, at one instant. */
export type Sights = {
  readonly blind: readonly BlindVantage[]
  /** Whether nothing is known of a device: no vantage that sees looks after it. */
  isBlind(id: string): boolean
  /**
   * Since when all vantages see that look after a device: Infinity while one is blind, -Infinity where none was in the last
   * day.
   */
  seesSince(id: string): number
}

export const CLEAR_SIGHT: Sights = {
  blind: [],
  isBlind: () => false,
  seesSince: () => -Infinity,
}

/**
 * Reads ping samples together with the marks of collectors that lost their network. Without such a mark, as nearly
 * always, that costs the marks' own export, which is next to nothing.
 */
export type VantageWatch = {
  /** Takes up what was known before this process. */
  restore(at: number, signal: AbortSignal): Promise<void>
  /**
   * `isByVantage`: with who probed, whether any was blind or not. `newsFrom`: when a blindness began that wasn't known; what
   * was taken in since then may say nothing.
   */
  read(
    range: { start: number; end: number },
    isByVantage: boolean,
    signal: AbortSignal,
  ): Promise<{ samples: Map<string, PingSample[]>; newsFrom: number | null }>
  /** Whether a sample says nothing: no answer, of a vantage that was blind. */
  isVoid(sample: PingSample): boolean
  /** Whether a vantage had lost its network at `at`. */
  isBlindAt(vantage: string, at: number): boolean
  /** The beginning of what any vantage is blind to at `at`; Infinity where all see. */
  blindFrom(at: number): number
  /** `staleMs`: no device's newest sample that counts is older. */
  sights(inventory: Inventory, staleMs: number, at: number, signal: AbortSignal): Promise<Sights>
  forget(): void
}

/** Rules look no further back. */
const REMEMBERED_MS = 86_400_000
/** A range that begins within a blindness must have a mark of it. */
const BEFORE_MS = 15 * BLIND_MARK_MS
/** A collector that is blind says so each second; one that says nothing for longer is late, like its samples. */
const SILENT_MS = { least: 60_000, slack: 5_000 }

export function createVantageWatch(victoriaMetrics: VictoriaMetrics): VantageWatch {
  let stretches: Stretches = new Map()
  /** The vantages of each device: known once any was blind. */
  const heard: Heard = new Map()
  let areVantagesKnown = false

  function note(samples: ReadonlyMap<string, readonly PingSample[]>): void {
    for (const [id, list] of samples)
      for (const { vantage, at } of list) if (vantage !== undefined) hear(heard, id, vantage, at)
  }

  return {
    async restore(at, signal) {
      stretches = await readLastStretches(victoriaMetrics, REMEMBERED_MS, at, signal)
    },
    async read(range, isAskedByVantage, signal) {
      const isByVantage = isAskedByVantage || isAnyBlindIn(stretches, range)
      // Samples before marks: a collector writes a mark before the samples that it is about.
      const samples = isByVantage
        ? await readPingSamplesByVantage(victoriaMetrics, range, signal)
        : await readPingSamples(victoriaMetrics, range, signal)
      const marked = { start: range.start - BEFORE_MS, end: range.end }
      const before = stretches
      stretches = remembered(
        withMarks(before, await readMarks(victoriaMetrics, marked, signal)),
        range.end - REMEMBERED_MS,
      )
      const newsFrom = firstNew(stretches, before)
      if (newsFrom !== null) areVantagesKnown = false
      if (isByVantage) note(samples)
      if (isByVantage || !isAnyBlindIn(stretches, range)) return { samples, newsFrom }
      const again = await readPingSamplesByVantage(victoriaMetrics, range, signal)
      note(again)
      return { samples: again, newsFrom }
    },
    isVoid: ({ up, vantage, at }) => !up && isBlindAt(stretches, vantage, at),
    isBlindAt: (vantage, at) => isBlindAt(stretches, vantage, at),
    blindFrom(at) {
      let first = Infinity
      for (const { from, to } of [...stretches.values()].flat())
        if (from <= at && (to === null || at < to)) first = Math.min(first, from)
      return first
    },
    async sights(inventory, staleMs, at, signal) {
      if (stretches.size === 0) return CLEAR_SIGHT
      if (!areVantagesKnown) {
        for (const { device, vantage, lastAt } of await readVantages(
          victoriaMetrics,
          staleMs,
          at,
          signal,
        ))
          hear(heard, device, vantage, lastAt)
        areVantagesKnown = true
      }
      const silentMs = Math.max(SILENT_MS.least, staleMs + SILENT_MS.slack)
      return sightsOf(stretches, heard, inventory, at - silentMs)
    },
    forget() {
      stretches = new Map()
      heard.clear()
      areVantagesKnown = false
    },
  }
}

/** When each vantage was heard last of each device. */
type Heard = Map<string, Map<string, number>>

function hear(heard: Heard, id: string, vantage: string, at: number): void {
  const known = heard.get(id)
  if (known === undefined) heard.set(id, new Map([[vantage, at]]))
  else known.set(vantage, Math.max(at, known.get(vantage) ?? at))
}

/** The vantages that look after a device, the one of its newest sample first; one that left it long ago doesn't. */
function vantagesOf(heard: Heard, { id, ping }: Device): string[] {
  const all = [...(heard.get(id) ?? [])].sort(([, one], [, other]) => other - one)
  const newestAt = all[0]?.[1] ?? 0
  return all
    .filter(([, at]) => newestAt - at <= STALE_INTERVALS * ping.intervalMs)
    .map(([vantage]) => vantage)
}

/** `heardSince`: what wasn't confirmed by a mark since then isn't going on. */
function sightsOf(
  stretches: Stretches,
  heard: Heard,
  inventory: Inventory,
  heardSince: number,
): Sights {
  const since = new Map<string, number>()
  const until = new Map<string, number>()
  for (const [vantage, list] of stretches) {
    for (const { from, to, markedAt } of list) {
      if (to === null && markedAt >= heardSince)
        since.set(vantage, Math.min(from, since.get(vantage) ?? Infinity))
      else until.set(vantage, Math.max(to ?? markedAt, until.get(vantage) ?? -Infinity))
    }
  }
  const own = new Map<string, readonly string[]>()
  const vantagesBy = (id: string): readonly string[] => {
    const device = inventory.get(id)
    const known = own.get(id) ?? (device === undefined ? [] : vantagesOf(heard, device))
    own.set(id, known)
    return known
  }
  const isBlind = (id: string): boolean => {
    const vantages = vantagesBy(id)
    return vantages.length > 0 && vantages.every((vantage) => since.has(vantage))
  }
  const devices = new Map<string, number>()
  if (since.size > 0) {
    for (const { id, enabled } of inventory.values()) {
      const [vantage] = vantagesBy(id)
      if (enabled && vantage !== undefined && isBlind(id))
        devices.set(vantage, (devices.get(vantage) ?? 0) + 1)
    }
  }
  return {
    blind: [...since].map(([vantage, from]) => ({
      vantage,
      since: from,
      devices: devices.get(vantage) ?? 0,
    })),
    isBlind,
    seesSince: (id) =>
      Math.max(
        -Infinity,
        ...vantagesBy(id).map((vantage) =>
          since.has(vantage) ? Infinity : (until.get(vantage) ?? -Infinity),
        ),
      ),
  }
}

function remembered(stretches: Stretches, from: number): Stretches {
  let isAnyOld = false
  for (const list of stretches.values())
    isAnyOld ||= list.some(({ to, markedAt }) => (to ?? markedAt) < from)
  if (!isAnyOld) return stretches
  const left = [...stretches].map(
    ([vantage, list]) =>
      [vantage, list.filter(({ to, markedAt }) => (to ?? markedAt) >= from)] as const,
  )
  return new Map(left.filter(([, list]) => list.length > 0))
}

/** Where the first stretch begins that wasn't known before. */
function firstNew(now: Stretches, before: Stretches): number | null {
  if (now === before) return null
  let first: number | null = null
  for (const [vantage, list] of now) {
    const known = new Set(before.get(vantage)?.map(({ from }) => from))
    for (const { from } of list) if (!known.has(from)) first = Math.min(first ?? from, from)
  }
  return first
}
