import { Problem } from '../problem.ts'

/** Lets so many in a minute for each who asks, and so many at once in all. */
export type Gate = {
  /** Dispose it when it is done. Throws a 429 that says when to come again. */
  enter(who: string): Disposable
}

const PER_MINUTE = 6
const AT_ONCE = 4
const MINUTE_MS = 60_000

export function createGate(clock: { now(): number }): Gate {
  const begun = new Map<string, number[]>()
  let inside = 0

  function forget(now: number): void {
    for (const [who, all] of begun) {
      const recent = all.filter((at) => at > now - MINUTE_MS)
      if (recent.length === 0) begun.delete(who)
      else begun.set(who, recent)
    }
  }

  return {
    enter(who) {
      const now = clock.now()
      forget(now)
      const own = begun.get(who) ?? []
      const [oldest = now] = own
      if (own.length >= PER_MINUTE)
        throw tooMany(`${PER_MINUTE} a minute for each user`, oldest + MINUTE_MS - now)
      if (inside >= AT_ONCE) throw tooMany(`${AT_ONCE} at once in all`, 5_000)
      begun.set(who, [...own, now])
      inside++
      let isLeft = false
      return {
        [Symbol.dispose]() {
          if (!isLeft) inside--
          isLeft = true
        },
      }
    },
  }
}

function tooMany(bound: string, waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new Problem(
    429,
    'Too many',
    `diagnostics are bounded to ${bound}: try again in ${seconds} s`,
    { reason: 'rate-limited', retry_after_seconds: seconds },
  )
}
