import type { DeviceState } from '../../lib/status.ts'

/** One probe of the device. `rttSeconds` is null where nothing answered, or it wasn't said. */
export type Probe = {
  readonly at: number
  readonly up: boolean
  readonly rttSeconds: number | null
  readonly lossRatio: number | null
  readonly vantage: string
}

/** What the failed probes amount to. Instants are Unix milliseconds. */
export type Confirmation = {
  /** Failed probes in a row that make an outage. */
  readonly needed: number
  readonly failures: number
  readonly firstFailedAt: number
  /** The probe that made it an outage; null while that didn't come. */
  readonly confirmedAt: number | null
}

/** Failed probes must span this much, too. */
const LEAST_SPAN_MS = 2_000

/** Pure: the failed probes in a row up to the newest one; null when that was answered, or there is none. */
export function confirmationOf(
  probes: readonly Probe[],
  state: DeviceState | null,
  needed: number,
): Confirmation | null {
  // An outage that began long ago: what lies between its first probes and the newest isn't here.
  const begin = state?.up === false ? state.since : lastAnsweredAt(probes) + 1
  const failed = probes.filter(({ at, up }) => !up && at >= begin)
  const first = failed[0]
  if (first === undefined || probes.at(-1)?.up !== false) return null
  const firstFailedAt = state?.up === false ? state.since : first.at
  const confirming = failed.find(
    ({ at }, index) => index + 1 >= needed && at - firstFailedAt >= LEAST_SPAN_MS,
  )
  return {
    needed,
    failures: failed.length,
    firstFailedAt,
    // Without its first samples (they left the retention) nobody can say which probe it was.
    confirmedAt: first.at === firstFailedAt ? (confirming?.at ?? null) : null,
  }
}

const lastAnsweredAt = (probes: readonly Probe[]): number =>
  probes.findLast(({ up }) => up)?.at ?? -Infinity
