import type { Matcher } from '../matchers.ts'

/** A person's matchers for a time: what they match isn't told. Instants are Unix milliseconds. */
export type Silence = {
  readonly id: string
  /** At least one, and they don't match everything. */
  readonly matchers: readonly Matcher[]
  readonly startsAt: number
  readonly endsAt: number
  readonly createdBy: string
  readonly comment: string
  readonly updatedAt: number
}

export type SilenceState = 'pending' | 'active' | 'expired'

export function silenceState({ startsAt, endsAt }: Silence, at: number): SilenceState {
  if (at < startsAt) return 'pending'
  return at < endsAt ? 'active' : 'expired'
}
