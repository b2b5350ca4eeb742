import type { Leadership } from './lead.ts'

/** What `/health` says of who leads. */
export function leadershipDetails({
  role,
  token,
  leader,
  isAlone,
}: ReturnType<Leadership['current']>): object {
  if (role === 'leader') return { role, token, ...(isAlone ? { redis: 'away' } : {}) }
  if (leader === null) return { role, leader: null }
  const { instance, url, since } = leader
  return {
    role,
    leader: { instance, url, token: leader.token, since: new Date(since).toISOString() },
  }
}
