import type { Labels } from './labels.ts'

/**
 * The device that isn't there: its ping samples go down on a schedule, and what becomes of them must come out at a
 * webhook. It is in no inventory, and only `ping_up` is written of it.
 */
export const CANARY_DEVICE = 'wardline-canary'

export const CANARY_DOWN_MS = 10_000
export const CANARY_PROBE_MS = 2_000

/** One change of the canary, by its schedule. */
export type Flip = { readonly at: number; readonly up: boolean }

/** Down for the first seconds of each interval: the same for all who know the interval. */
export const isCanaryUp = (at: number, intervalMs: number): boolean =>
  at % intervalMs >= CANARY_DOWN_MS

/** The first flip after `at`. */
export function nextFlip(at: number, intervalMs: number): Flip {
  const downAt = Math.floor(at / intervalMs) * intervalMs
  return at < downAt + CANARY_DOWN_MS
    ? { at: downAt + CANARY_DOWN_MS, up: true }
    : { at: downAt + intervalMs, up: false }
}

/** Whether labels are those of the canary: of no alert that anybody else is told or shown. */
export const isCanary = (labels: Labels): boolean => labels['device'] === CANARY_DEVICE
