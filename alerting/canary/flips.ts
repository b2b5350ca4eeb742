import { CANARY_DOWN_MS, type Flip, isCanary } from '../../lib/canary.ts'
import type { Labels } from '../../lib/labels.ts'

/** What a message tells of one alert. Unix milliseconds; `isFiring` false: it is over. */
export type Told = {
  readonly labels: Labels
  readonly startsAt: number
  readonly isFiring: boolean
}

/** The flips that a message tells of. An outage that is over ended when the schedule ends it, whenever that was seen. */
export function flipsOf(told: readonly Told[]): Flip[] {
  return told
    .filter(({ labels }) => isCanary(labels))
    .map(({ startsAt, isFiring }) =>
      isFiring ? { at: startsAt, up: false } : { at: startsAt + CANARY_DOWN_MS, up: true },
    )
}
