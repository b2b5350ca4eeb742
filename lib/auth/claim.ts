import type { Clock } from '../clock.ts'
import type { Redis } from '../redis.ts'
import { type User, auditedUser } from './account.ts'
import { newUser } from './accounts.ts'
import { AUDIT, MOST_AUDITED, auditEntry } from './audit.ts'
import { AuthError, reaching } from './auth-error.ts'
import { hashSlowly } from './slow-hash.ts'
import { ACCOUNTS_CHANNEL } from './store.ts'
import { digestOf, randomId } from './token-text.ts'

/** The code of a one-time link, which makes the first admin: there is no default password. Rejects with AuthError. */
export type Claims = {
  /** A new code in place of an earlier one. It is told once, to the one who starts wardline. */
  offer(): Promise<string>
  take(code: string, draft: { readonly name: string; readonly password: string }): Promise<User>
}

const CLAIM = 'wardline:auth:claim'
const VALID_SECONDS = 86_400

// KEYS: claim, version, users, audit. ARGV: digest of the code, name, user, channel, most lines, then the line.
const TAKE = `
if redis.call('HLEN', KEYS[3]) > 0 then
  if redis.call('HGET', KEYS[3], ARGV[2]) == ARGV[3] then return 'done' end
  return 'late'
end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'wrong' end
-- First, as a full Redis refuses it: the link works on then.
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*', unpack(ARGV, 6))
redis.call('INCR', KEYS[2])
redis.call('PUBLISH', ARGV[4], '')
return 'done'`

const WRONG = 'the link is not valid any more: start wardline again, its output has a new one'

export function createClaims(redis: Redis, clock: Pick<Clock, 'now'>): Claims {
  return {
    async offer() {
      const code = randomId()
      await reaching(() => redis.set(CLAIM, digestOf(code), 'EX', VALID_SECONDS))
      return code
    },
    async take(code, { name, password }) {
      const digest = digestOf(code)
      // The slow hash is for those who have the link.
      if ((await reaching(() => redis.get(CLAIM))) !== digest) throw new AuthError('refused', WRONG)
      const hash = await hashSlowly(password.normalize('NFC'))
      const at = clock.now()
      const grant = { name, role: 'admin' as const, scope: null }
      const user = newUser(grant, { password: hash, oidc: null }, at)
      const what = 'user created'
      const line = auditEntry({
        at,
        who: name,
        what,
        id: name,
        before: null,
        after: auditedUser(user),
      })
      const keys = [CLAIM, 'wardline:auth:version', 'wardline:auth:users', AUDIT]
      const values = [digest, name, JSON.stringify(user), ACCOUNTS_CHANNEL, MOST_AUDITED, ...line]
      const taken = await reaching(() => redis.eval(TAKE, keys.length, ...keys, ...values))
      if (taken === 'done') return user
      throw new AuthError(
        'refused',
        taken === 'late' ? 'there is an admin already: sign in' : WRONG,
      )
    },
  }
}
