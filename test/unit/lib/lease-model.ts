import { type Answer, type Claim, LEASE_MS, type Leader } from '../../../lib/lease.ts'

/** What Redis keeps of a lease and does with a claim, in other words than the script's; `at` is Redis' clock. */
export function createLeaseModel(leaseMs = LEASE_MS) {
  let lease: (Leader & { endsAt: number; released: boolean }) | null = null
  let fence = 0

  function alive(at: number): typeof lease {
    if (lease !== null && lease.endsAt <= at) lease = null
    return lease
  }

  return {
    claim({ me, held, highest, ifAbsent, force, former }: Claim, at: number): Answer {
      const before = alive(at)
      const grant = (token: number): Answer => {
        lease = { ...me, token, endsAt: at + leaseMs, released: false }
        fence = token
        return { granted: true, token }
      }
      if (held !== null) {
        if (before === null && fence <= held) return grant(held)
        if (before?.instance === me.instance && before.token === held && !before.released)
          return grant(held)
      } else if (
        before === null
          ? ifAbsent
          : force || before.released || [me.instance, ...former].includes(before.instance)
      )
        return grant(Math.max(fence, highest) + 1)
      if (before === null || before.released)
        return { granted: false, leader: null, leftMs: 0, highest: fence }
      const { endsAt, released: _, ...leader } = before
      return { granted: false, leader, leftMs: endsAt - at, highest: fence }
    },
    release(instance: string, token: number, at: number): void {
      const before = alive(at)
      if (before?.instance === instance && before.token === token) before.released = true
    },
    /** It runs out. */
    expire: () => void (lease = null),
    forget() {
      lease = null
      fence = 0
    },
  }
}
