import type { Matcher } from '../matchers.ts'

/** Planned work: what it matches isn't told while it lasts. Instants are Unix milliseconds. */
export type MaintenanceWindow = {
  readonly id: string
  readonly name: string
  readonly matchers: readonly Matcher[]
  readonly schedule: Schedule
  readonly createdBy: string
  readonly comment: string
  readonly updatedAt: number
}

/** `startsAt` and `endsAt` of a recurring one bound it; it begins whenever `cron` says so on the clock of `timeZone`. */
export type Schedule =
  | { readonly kind: 'once'; readonly startsAt: number; readonly endsAt: number }
  | {
      readonly kind: 'recurring'
      readonly cron: string
      readonly durationMs: number
      readonly timeZone: string
      readonly startsAt?: number | undefined
      readonly endsAt?: number | undefined
    }

/** From its beginning up to its end, which is no part of it. */
export type Span = { readonly from: number; readonly until: number }
