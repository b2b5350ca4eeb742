import type { Clock } from '../../../lib/clock.ts'
import type { Egress } from '../../../lib/egress/egress.ts'
import type { Labels } from '../../../lib/labels.ts'
import type { Logger } from '../../../lib/log.ts'

/** One exchange with a receiver, as it may be shown: no secret is in it. */
export type Exchange = {
  readonly what: string
  /** How many bytes were sent. */
  readonly bytes: number
  readonly ms: number
  /** The answer, or why there was none. */
  readonly answer: string
}

/** What a receiver knows of what is around it. */
export type Externals = {
  readonly externalUrl: string
  readonly externalLabels: Labels
  /** Where messages may go; left out: wherever nothing of the configuration closes. */
  readonly egress?: Egress
  readonly clock?: Pick<Clock, 'now'>
  readonly log?: Pick<Logger, 'warn' | 'info'>
  /** Sees each exchange. */
  readonly trace?: (exchange: Exchange) => void
}
