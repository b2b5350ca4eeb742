import type { Counts, Segment } from './segments.ts'

/**
 * A time in which all that is known of these devices was down; null while it isn't over at the range's end. Of its length
 * `downMs` counts; the rest is maintenance, or unknown.
 */
export type Outage = {
  readonly start: number
  readonly end: number | null
  readonly downMs: number
  readonly excludedMs: number
  readonly unknownMs: number
}

export type Outages = {
  readonly outages: readonly Outage[]
  /** Time that counts, in which at least one of them was up. */
  readonly upMs: number
}

type Tally = Record<Counts | 'saidUp' | 'saidDown', number>

/**
 * Pure: what segments of devices (of one, or of a whole branch) amount to as one thing: it is down while at least one is
 * down and none is up. An outage goes on over a time of which nothing is known, where it is down again after it.
 */
export function outagesOf(devices: readonly (readonly Segment[])[], until: number): Outages {
  const outages: Outage[] = []
  const now: Tally = { up: 0, down: 0, excluded: 0, unknown: 0, saidUp: 0, saidDown: 0 }
  let open = null as Open | null
  let upMs = 0
  const steps = stepsOf(devices)
  for (const [index, { at, changes }] of steps.entries()) {
    if (at >= until) break
    for (const { segment, by } of changes) {
      now[segment.counts] += by
      if (segment.said === 'up') now.saidUp += by
      if (segment.said === 'down') now.saidDown += by
    }
    const length = (steps[index + 1]?.at ?? at) - at
    if (now.up > 0) upMs += length
    const isDown = now.saidDown > 0 && now.saidUp === 0
    const isNothing = now.up + now.down + now.excluded + now.unknown === 0
    if (open !== null && (now.saidUp > 0 || isNothing)) {
      outages.push(ended(open, open.downUntil))
      open = null
    }
    if (isDown) {
      const lengths: Lengths = add(open?.lengths ?? NONE, now, length)
      open = { start: open?.start ?? at, lengths, sure: lengths, downUntil: at + length }
    } else if (open !== null) open = { ...open, lengths: add(open.lengths, now, length) }
  }
  if (open !== null) outages.push(ended(open, open.downUntil < until ? open.downUntil : null))
  return { outages, upMs }
}

/** An outage that may go on: `sure` is what it amounts to until `downUntil`, where it was last known to be one. */
type Open = {
  readonly start: number
  readonly downUntil: number
  readonly sure: Lengths
  readonly lengths: Lengths
}

const ended = ({ start, sure }: Open, end: number | null): Outage => ({ start, end, ...sure })

type Lengths = Pick<Outage, 'downMs' | 'excludedMs' | 'unknownMs'>
const NONE: Lengths = { downMs: 0, excludedMs: 0, unknownMs: 0 }

function add(lengths: Lengths, now: Tally, length: number): Lengths {
  if (now.down > 0) return { ...lengths, downMs: lengths.downMs + length }
  if (now.excluded > 0) return { ...lengths, excludedMs: lengths.excludedMs + length }
  return { ...lengths, unknownMs: lengths.unknownMs + length }
}

type Step = { readonly at: number; readonly changes: { segment: Segment; by: 1 | -1 }[] }

/** All that begins and ends, by instant, in order. */
function stepsOf(devices: readonly (readonly Segment[])[]): Step[] {
  const steps = new Map<number, Step>()
  const at = (instant: number): Step => {
    let step = steps.get(instant)
    if (step === undefined) steps.set(instant, (step = { at: instant, changes: [] }))
    return step
  }
  for (const segments of devices) {
    for (const segment of segments) {
      at(segment.from).changes.push({ segment, by: 1 })
      at(segment.until).changes.push({ segment, by: -1 })
    }
  }
  return [...steps.values()].sort((one, other) => one.at - other.at)
}
