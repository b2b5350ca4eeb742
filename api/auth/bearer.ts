import { timingSafeEqual } from 'node:crypto'
import type { Token } from '../../lib/auth/account.ts'
import type { Register } from '../../lib/auth/register.ts'
import { isHashOf, lookAtNothing } from '../../lib/auth/slow-hash.ts'
import { digestOf, readTokenText } from '../../lib/auth/token-text.ts'
import type { Clock } from '../../lib/clock.ts'
import { Problem } from '../problem.ts'
import type { Limits } from './limits.ts'

/** Whose token this is. */
export type Bearers = {
  /** Rejects with Problem 401 for what is no token any more, or AuthError. */
  tokenOf(text: string, address: string): Promise<Token>
  /** Whether it is still what it was. Throws AuthError. */
  isStill(token: Token): boolean
}

/** A slow look lasts so long: a client that asks twenty times a second pays for it once a minute. */
const VERIFIED_MS = 60_000
const MOST_VERIFIED = 5_000

type Verified = { readonly token: Token; readonly digest: Buffer; readonly until: number }

export function createBearers({
  register,
  limits,
  clock,
}: {
  register: Pick<Register, 'current'>
  limits: Limits
  clock: Pick<Clock, 'now'>
}): Bearers {
  const verified = new Map<string, Verified>()
  const looking = new Map<string, Promise<boolean>>()

  const isStill = (token: Token): boolean => {
    const known = register.current.tokens.get(token.id)
    if (known?.hash !== token.hash) return false
    return known.expiresAt === null || clock.now() < known.expiresAt
  }

  return {
    isStill,
    async tokenOf(text, address) {
      const read = readTokenText(text)
      if (read === null) throw await refusal('what was sent is no token of wardline', address)
      const token = register.current.tokens.get(read.id)
      const digest = Buffer.from(digestOf(text))
      if (token !== undefined && !isStill(token))
        throw await refusal('the token has expired', address)
      const before = verified.get(read.id)
      const isKnown =
        token !== undefined &&
        before?.token.hash === token.hash &&
        clock.now() < before.until &&
        timingSafeEqual(before.digest, digest)
      if (isKnown) return token
      // A slow look for whoever tries: bounded before it, not after.
      await limits.check('token', address)
      if (token === undefined || !(await look(token, text, digest)))
        throw await refusal('no such token: it was removed, or never was one', address)
      remember(token, digest)
      return token
    },
  }

  /** Many requests of one client at its start are one look. */
  function look(token: Token, text: string, digest: Buffer): Promise<boolean> {
    const key = `${token.hash} ${digest.toString()}`
    const under = looking.get(key)
    if (under !== undefined) return under
    const begun = isHashOf(token.hash, text).finally(() => looking.delete(key))
    looking.set(key, begun)
    return begun
  }

  function remember(token: Token, digest: Buffer): void {
    verified.delete(token.id)
    verified.set(token.id, { token, digest, until: clock.now() + VERIFIED_MS })
    const [oldest] = verified.keys()
    if (verified.size > MOST_VERIFIED && oldest !== undefined) verified.delete(oldest)
  }

  async function refusal(why: string, address: string): Promise<Problem> {
    await limits.take('token', address)
    await lookAtNothing('')
    return new Problem(401, 'Not signed in', why)
  }
}
