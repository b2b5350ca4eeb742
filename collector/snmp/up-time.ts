/** What an agent said of itself, and when, on the scale of `performance.now()`. */
export type UpTime = { readonly ticks: number; readonly at: number }

/** An answer may be late, and clocks differ: more than so much, and a part of the time between, is no accident. */
const SLACK_MS = 10_000
const DRIFT = 0.01

/**
 * False when the agent started anew in between, or is another one: then its rows may be numbered anew. It may have started
 * long ago, while nobody asked, so a smaller number isn't the only sign. One that stands still says nothing.
 */
export function isSameRun(before: UpTime, now: UpTime): boolean {
  if (now.ticks === before.ticks) return true
  const passedMs = now.at - before.at
  const movedMs = (now.ticks - before.ticks) * 10
  return movedMs > 0 && Math.abs(movedMs - passedMs) <= SLACK_MS + DRIFT * passedMs
}
