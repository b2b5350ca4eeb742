import type { Labels } from '../labels.ts'

/** Somebody works on it: an alert isn't told again and doesn't escalate. Instants are Unix milliseconds. */
export type Acknowledgement = {
  /** The fingerprint of the alert. */
  readonly id: string
  readonly labels: Labels
  /** Of the occurrence that was acknowledged. */
  readonly startsAt: number
  readonly createdBy: string
  readonly comment: string
  readonly at: number
  /** Null: until the occurrence ends. */
  readonly expiresAt: number | null
  /** It outlives its occurrence, until `expiresAt`, which is never null then: an outage that flaps. */
  readonly sticky: boolean
}

/** Whether it covers this occurrence of its alert. To the second: that is what survives a restart of an alert. */
export function acknowledges(
  { id, startsAt, expiresAt, sticky }: Acknowledgement,
  alert: { readonly fingerprint: string; readonly startsAt: number },
  at: number,
): boolean {
  if (id !== alert.fingerprint || (expiresAt !== null && at >= expiresAt)) return false
  return sticky || Math.floor(startsAt / 1_000) === Math.floor(alert.startsAt / 1_000)
}
