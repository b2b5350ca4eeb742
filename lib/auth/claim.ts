import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Redis } from '../redis.ts'
import { VERSION_LUA, headKey } from '../redis/version.ts'
import { type User, auditedUser } from './account.ts'
import { newUser } from './accounts.ts'
import { AUDIT, MOST_AUDITED, auditEntry } from './audit.ts'
import { AuthError, reaching } from './auth-error.ts'
import { hashSlowly } from './slow-hash.ts'
import { ACCOUNT_KEYS } from './store.ts'
import { digestOf, randomId } from './token-text.ts'

/** The code of a one-time link, which makes the first admin: there is no default password. Rejects with AuthError. */
export type Claims = {
  /** A new code in place of an earlier one. It is told once, to the one who starts wardline. */
  offer(): Promise<string>
  take(code: string, draft: { readonly name: string; readonly password: string }): Promise<User>
}

const CLAIM = 'wardline:auth:claim'
const VALID_SECONDS = 86_400

// KEYS: claim, version, head, users, audit. ARGV: digest of the code, name, user, channel, a name of this change, most lines, then
// the line.
const TAKE = `${VERSION_LUA}
if redis.call('HLEN', KEYS[4]) > 0 then
  if redis.call('HGET', KEYS[4], ARGV[2]) == ARGV[3] then return 'done' end
  return 'late'
end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'wrong' end
-- First, as a full Redis refuses it: the link works on then.
advance(KEYS[2], KEYS[3], ARGV[5])
redis.call('HSET', KEYS[4], ARGV[2], ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[6], '*', unpack(ARGV, 7))
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
      const { version, hashes, channel } = ACCOUNT_KEYS
      const keys = [CLAIM, version, headKey(version), hashes.user, AUDIT]
      const change = randomUUID().slice(0, 8)
      const values = [digest, name, JSON.stringify(user), channel, change, MOST_AUDITED, ...line]
      const taken = await reaching(() => redis.eval(TAKE, keys.length, ...keys, ...values))
      if (taken === 'done') return user
      throw new AuthError(
        'refused',
        taken === 'late' ? 'there is an admin already: sign in' : WRONG,
      )
    },
  }
}
