import type { Clock } from '../clock.ts'
import { follow } from '../follow.ts'
import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import { openAccountMemory } from './account-memory.ts'
import type { Token, User } from './account.ts'
import { type AccountEdits, createAccountEdits } from './accounts.ts'
import { AuthError, reaching } from './auth-error.ts'
import { ACCOUNTS_CHANNEL, type AccountStore, type Accounts, createAccountStore } from './store.ts'

/** Users and tokens, at hand: kept fresh, and for a while the last that is known while Redis is away. */
export type Register = {
  /** Those that may be relied on. Throws AuthError `unavailable` when they were not confirmed for too long. */
  readonly current: Known
  readonly edits: AccountEdits
  readonly store: Pick<AccountStore, 'seen' | 'see'>
  /** Resolves once `current` has what is in Redis now. Rejects with AuthError. */
  refresh(): Promise<void>
  /** Everybody signs in again. Rejects with AuthError while that can't be written; it is done as soon as it can. */
  endSessions(): Promise<void>
}

export type Known = {
  readonly users: ReadonlyMap<string, User>
  readonly tokens: ReadonlyMap<string, Token>
}

/** What was revoked meanwhile somewhere else can't be heard: no longer than this is anybody let in by it. */
const TRUSTED_FOR_MS = 60_000

/** Never rejects: without Redis nobody is known until it is there. */
export async function openRegister({
  redis,
  dataDir = null,
  clock,
  log,
  isAnyAdmin,
}: {
  redis: Redis
  /** Where digests are kept for the next start; null: nowhere. */
  dataDir?: string | null
  clock: Pick<Clock, 'now'>
  log: Logger
  isAnyAdmin: boolean
}): Promise<Register & AsyncDisposable> {
  const memory = await openAccountMemory({ redis, dataDir, clock, log })
  const store = createAccountStore(redis, memory)
  const edits = createAccountEdits({ store, clock, isAnyAdmin })
  let known: Accounts | null = null
  let confirmedAt = -Infinity
  let named = ''
  let mustEnd = false

  async function endSessions(): Promise<void> {
    mustEnd = true
    await reaching(() => memory.endSessions())
    mustEnd = false
  }

  const { refresh, [Symbol.asyncDispose]: dispose } = await follow({
    redis,
    channel: ACCOUNTS_CHANNEL,
    async version() {
      if (mustEnd) await endSessions().catch(() => {}) // a full Redis says yet who may do what
      const version = await store.version()
      if (version === known?.version) confirmedAt = performance.now()
      return version
    },
    async read(reached) {
      const accounts = await store.read()
      reached(accounts.version)
      known = accounts
      confirmedAt = performance.now()
      const corrupt = accounts.corrupt.join(', ')
      if (corrupt !== named && corrupt !== '')
        log.error({ corrupt }, 'users or tokens in Redis make no sense: they let nobody in')
      named = corrupt
    },
    isAway: (error) => error instanceof AuthError,
    away: ({ message }, isKnown) =>
      log.warn(
        { reason: message },
        isKnown ? 'nobody can sign in or out now' : 'users and tokens are not known yet',
      ),
    back: () => log.info('users and tokens are read again'),
  })

  /** Whoever changed something sees it at once; when that fails, the next look does it. */
  const followed =
    <A extends unknown[], R>(change: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const result = await change(...args)
      await refresh().catch(() => {})
      return result
    }

  return {
    get current() {
      if (known !== null && performance.now() - confirmedAt <= TRUSTED_FOR_MS) return known
      throw new AuthError('unavailable', "Redis can't be asked who may do what: it is away")
    },
    edits: {
      addUser: followed(edits.addUser),
      changeUser: followed(edits.changeUser),
      setPassword: followed(edits.setPassword),
      removeUser: followed(edits.removeUser),
      admit: followed(edits.admit),
      addToken: followed(edits.addToken),
      removeToken: followed(edits.removeToken),
    },
    store,
    refresh,
    endSessions,
    [Symbol.asyncDispose]: dispose,
  }
}
