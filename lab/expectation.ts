import type { Change } from './network.ts'

/** When the target of this key is probed first at or after `at`, as the collector's plan says it; null: never. */
export type NextSlot = (key: string, at: number) => number | null

/** The stamp that a correct monitor gives, and whether the change came too close to a probe to tell. */
export type Expectation = {
  readonly at: number
  /** False when the change fell into the instants in which a slot's probe is sent: then `earliest` is right as well. */
  readonly certain: boolean
  readonly earliest: number
}

export type Probing = {
  /** How long after its slot's start a probe's first echo may be sent. */
  readonly sendMs?: number
  /** Between the first and the last echo of one probe. */
  readonly spanMs?: number
}

/** `down_since` of an outage: the stamp of the first slot whose echoes all meet a silent device. */
export function expectedDownSince(
  down: Change,
  key: string,
  nextSlot: NextSlot,
  { sendMs = 250 }: Probing = {},
): Expectation | null {
  return between(nextSlot(key, down.askedAt - sendMs), nextSlot(key, down.at))
}

/**
 * The stamp of the first good probe after an outage: its last echo is enough. The confirm burst adds slots
 * after the first failed one, so an outage must have lasted longer than that.
 */
export function expectedUpSince(
  up: Change,
  key: string,
  nextSlot: NextSlot,
  { sendMs = 250, spanMs = 1_000 }: Probing = {},
): Expectation | null {
  return between(nextSlot(key, up.askedAt - spanMs - sendMs), nextSlot(key, up.at - spanMs))
}

function between(earliest: number | null, latest: number | null): Expectation | null {
  if (earliest === null || latest === null) return null
  return { at: latest, certain: earliest === latest, earliest }
}

/**
 * The first instant at or after `at` that is far from every slot: slots begin on whole seconds, so a change
 * at .7 comes after all echoes of one second and before those of the next. Scripts that start there stay there.
 */
export function clearOfSlots(at: number): number {
  return Math.ceil((at - 700) / 1000) * 1000 + 700
}
