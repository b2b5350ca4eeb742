/**
 * A decision that isn't kept. `invalid`: it can't be meant; `not-found`: no such id; `conflict`: somebody changed it
 * meanwhile; `full`: too many are kept; `unavailable`: Redis. The message is for the one who decided.
 */
export class DecisionError extends Error {
  override readonly name = 'DecisionError'
  readonly reason: 'invalid' | 'not-found' | 'conflict' | 'full' | 'unavailable'

  constructor(reason: DecisionError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
