import type { Sliced } from '../../lib/slices.ts'

/** A state as alerting wrote it, at a transition or to say it again. Unix milliseconds. */
export type Assertion = { readonly up: boolean; readonly since: number; readonly at: number }

/** `end` is null while it lasts. */
export type Outage = { readonly start: number; readonly end: number | null }

/** States are said again every 5 minutes: one that wasn't for this long is no longer known. */
export const KNOWN_MS = 15 * 60_000

/**
 * Pure: the outages that touch `start`..`end`, the newest first, each from its first failed probe to the first
 * good one. An outage whose state stopped being said ends where it was said last.
 */
export function outagesOf(
  assertions: readonly Assertion[],
  { start, end }: { start: number; end: number },
): Outage[] {
  const outages: Outage[] = []
  let openSince: number | null = null
  let saidAt = 0
  for (const { up, since, at } of [...assertions].sort((a, b) => a.at - b.at)) {
    if (openSince !== null && (up || since > openSince)) {
      outages.push({ start: openSince, end: Math.max(openSince, since) })
      openSince = null
    }
    if (!up) openSince ??= since
    saidAt = at
  }
  if (openSince !== null) {
    outages.push({ start: openSince, end: end - saidAt <= KNOWN_MS ? null : saidAt })
  }
  return outages.filter((outage) => outage.end === null || outage.end > start).reverse()
}

/** Rows that are read before others may run: of 13 months there are 200,000. */
const ROWS_AT_ONCE = 2_000

/** Rows of `__name__,__value__,__timestamp__` of `device_state_up` and `device_state_since`, paired by their stamp. */
export function* readAssertions(csv: string): Sliced<Assertion[]> {
  const up = new Map<number, boolean>()
  const since = new Map<number, number>()
  let row = 0
  for (let begin = 0; begin < csv.length;) {
    const newline = csv.indexOf('\n', begin)
    const end = newline === -1 ? csv.length : newline
    const [name, value, stamp] = csv.slice(begin, end).split(',')
    begin = end + 1
    if (++row % ROWS_AT_ONCE === 0) yield
    const at = Number(stamp)
    if (stamp === undefined || !Number.isFinite(at)) continue
    // -1: the device was switched off, which ends an outage as far as anybody knows.
    if (name === 'device_state_up') up.set(at, value !== '0')
    if (name === 'device_state_since') since.set(at, Math.round(Number(value) * 1000))
  }
  yield
  return [...up].flatMap(([at, isUp]) => {
    const from = since.get(at)
    return from === undefined ? [] : [{ up: isUp, since: from, at }]
  })
}
