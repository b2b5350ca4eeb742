import { whyNot } from '../redis/refusal.ts'

/**
 * `invalid`: it can't be meant; `not-found`: there is none; `conflict`: something is in the way; `full`: too many are
 * kept; `refused`: who they say they are isn't so; `unavailable`: Redis. The message is for the one who asked.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly reason: 'invalid' | 'not-found' | 'conflict' | 'full' | 'refused' | 'unavailable'

  constructor(reason: AuthError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** What a command of Redis gives, or AuthError `unavailable`. */
export async function reaching<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command()
  } catch (error) {
    throw new AuthError('unavailable', `Redis can't be asked: ${whyNot(error)}`, { cause: error })
  }
}
