import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import pLimit from 'p-limit'
import { AuthError } from './auth-error.ts'

/**
 * Passwords and tokens as they are kept: argon2id (RFC 9106), written as PHC strings
 * (`$argon2id$v=19$m=…,t=…,p=…$salt$tag`), so that another cost can be chosen later.
 */
type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number }

/** KiB and passes, as OWASP has them: about 80 ms on a small server. */
const COST: Cost = { memory: 47_104, passes: 1, parallelism: 1 }
const SALT_BYTES = 16
const TAG_BYTES = 32
/** What is kept may be written by somebody else: no more than this is computed for it. */
const MOST_MEMORY = 262_144
const MOST_PASSES = 16

/** Each takes a thread of the pool and much memory: others wait. */
const inTurn = pLimit(2)
/** Two seconds' worth, those under way included: whoever comes then is sent away, and no turn comes after its client left. */
const MOST_AT_HAND = 40

export async function hashSlowly(text: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await derive(text, salt, COST, TAG_BYTES)
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{22,88})$/

/** Whether the hash is of this text. A hash that nobody can read is of none. */
export async function isHashOf(hash: string, text: string): Promise<boolean> {
  const [, m, t, p, salt = '', tag = ''] = PHC.exec(hash) ?? []
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
  const isBounded = cost.memory <= MOST_MEMORY && cost.passes <= MOST_PASSES && cost.parallelism > 0
  if (!isBounded || cost.memory < 8 * cost.parallelism || cost.passes < 1) return false
  const expected = Buffer.from(tag, 'base64')
  const derived = await derive(text, Buffer.from(salt, 'base64'), cost, expected.length)
  return timingSafeEqual(derived, expected)
}

/** Takes as long as a look at a hash does: an answer about nobody tells by its time that there is nobody. */
export async function lookAtNothing(text: string): Promise<false> {
  await derive(text, Buffer.alloc(SALT_BYTES), COST, TAG_BYTES)
  return false
}

/** Rejects with AuthError `unavailable` while too many wait. */
async function derive(
  message: string,
  nonce: Buffer,
  cost: Cost,
  tagLength: number,
): Promise<Buffer> {
  if (inTurn.activeCount + inTurn.pendingCount >= MOST_AT_HAND)
    throw new AuthError('unavailable', 'too many sign in at once: try again in a moment')
  return inTurn(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        argon2('argon2id', { message, nonce, tagLength, ...cost }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      }),
  )
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
