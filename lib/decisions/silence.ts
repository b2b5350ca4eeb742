import { type Matcher, formatMatcher } from '../matchers.ts'

/** A person's matchers for a time: what they match isn't told. Instants are Unix milliseconds. */
export type Silence = {
  readonly id: string
  /** At least one, and they don't match everything. */
  readonly matchers: readonly Matcher[]
  readonly startsAt: number
  /** It isn't in force any more at this instant. */
  readonly endsAt: number
  readonly createdBy: string
  readonly comment: string
  readonly updatedAt: number
}

export type SilenceState = 'pending' | 'active' | 'expired'

export function silenceState(
  { startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>,
  at: number,
): SilenceState {
  if (at < startsAt) return 'pending'
  return at < endsAt ? 'active' : 'expired'
}

/** What somebody wants to be silenced. With an id: another version of that silence. */
export type SilenceDraft = Pick<Silence, 'matchers' | 'endsAt' | 'createdBy' | 'comment'> & {
  readonly id?: string | undefined
  /** Left out: now. */
  readonly startsAt?: number | undefined
  /** `updatedAt` of the version that was edited: another one in force is a conflict. */
  readonly updatedFrom?: number | undefined
}

/**
 * Whether the silence can become the draft and still tell truly what was silenced when; otherwise it is ended and
 * another one begins. As Alertmanager decides it.
 */
export function isSameSilence(
  silence: Silence,
  draft: Pick<Silence, 'matchers' | 'startsAt'>,
  at: number,
): boolean {
  if (matchersKey(silence.matchers) !== matchersKey(draft.matchers)) return false
  switch (silenceState(silence, at)) {
    case 'active':
      return toSeconds(silence.startsAt) === toSeconds(draft.startsAt)
    case 'pending':
      return draft.startsAt >= at
    case 'expired':
      return false
  }
}

/** The silence, ended now. */
export const expired = (silence: Silence, at: number): Silence => ({
  ...silence,
  startsAt: Math.min(silence.startsAt, at),
  endsAt: at,
  updatedAt: laterThan(silence, at),
})

/** An instant for a new version: versions are told apart by it. */
export const laterThan = ({ updatedAt }: { readonly updatedAt: number }, at: number): number =>
  Math.max(at, updatedAt + 1)

const matchersKey = (matchers: readonly Matcher[]): string =>
  matchers.map(formatMatcher).sort().join()

const toSeconds = (at: number): number => Math.floor(at / 1_000)
