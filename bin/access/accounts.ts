import { type AccountEdits, createAccountEdits } from '../../lib/auth/accounts.ts'
import { AuthError } from '../../lib/auth/auth-error.ts'
import { type AccountStore, createAccountStore } from '../../lib/auth/store.ts'
import { systemClock } from '../../lib/clock.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'

/** Works on users and tokens; what is refused becomes StartError, for a person. */
export async function atAccounts<T>(
  { redis, source }: Desk,
  work: (accounts: AccountStore & AccountEdits) => Promise<T>,
): Promise<T> {
  const store = createAccountStore(redis)
  const isAnyAdmin = source.config.auth.oidc !== undefined
  try {
    return await work({
      ...store,
      ...createAccountEdits({ store, clock: systemClock, isAnyAdmin }),
    })
  } catch (error) {
    if (error instanceof AuthError) throw new StartError(error.message, { cause: error })
    throw error
  }
}
