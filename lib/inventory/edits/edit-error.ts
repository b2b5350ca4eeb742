/** Why one operation can't be done. */
export type Refusal = {
  /** Its place among the operations, from 0. */
  readonly index: number
  /** `invalid`: it can't be meant; `conflict`: another device is in the way; `forbidden`: not for the one who asks. */
  readonly reason: 'invalid' | 'conflict' | 'not-found' | 'forbidden'
  readonly device: string | null
  /** The key, as in `ping.interval`. */
  readonly field: string | null
  readonly message: string
  /** The other device that is in the way. */
  readonly other?: string
}

/**
 * Edits that aren't kept. `refused`: the operations that can't be done say why; `changed`: it isn't the version any more
 * that was asked to be changed; `busy`: others change devices all the time; `unavailable`: Redis.
 */
export class EditError extends Error {
  override readonly name = 'EditError'
  readonly reason: 'refused' | 'changed' | 'busy' | 'full' | 'unavailable'
  readonly refusals: readonly Refusal[]

  constructor(
    reason: EditError['reason'],
    message: string,
    { refusals = [], ...options }: ErrorOptions & { refusals?: readonly Refusal[] } = {},
  ) {
    super(message, options)
    this.reason = reason
    this.refusals = refusals
  }
}
