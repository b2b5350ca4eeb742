import type { Device } from '../../lib/inventory.ts'
import type { DropReason } from './news.ts'
import type { Notification } from './notification.ts'

/** What a packet turned out to be. */
export type Verdict =
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  /** Nothing to count, and something to say: the start of a conversation of v3. */
  | { readonly kind: 'answer'; readonly packet: Buffer }
  | {
      readonly kind: 'told'
      readonly notification: Notification
      /** Whom it is about: those at its source that may use its credential. */
      readonly devices: readonly Device[]
      /** It was counted before: an inform is acknowledged again, in case its sender lost the answer. */
      readonly isRepeat: boolean
      readonly acknowledge: () => Buffer
    }
