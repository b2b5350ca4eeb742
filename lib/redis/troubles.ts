import { formatDuration } from '../duration.ts'
import type { RedisState } from './watch.ts'

/** A loss is told for so long. */
const TOLD_MS = 3_600_000

/** What is wrong with Redis, and what of wardline degrades by it, for health. */
export function redisTroubles(state: RedisState, at: number): string[] {
  const { status, reason, lostAt, lostMs, putBacks } = state
  const troubles: string[] = []
  if (status !== 'ok') troubles.push(`Redis: ${reason}: ${EFFECTS[status]}`)
  else if (reason !== null) troubles.push(`Redis: ${reason}`)
  if (lostAt !== null && at - lostAt < TOLD_MS) {
    const what = lostMs === null ? 'all its data' : `the last ${formatDuration(lostMs)} of its data`
    troubles.push(
      `Redis had lost ${what} at ${new Date(lostAt).toISOString()}${backAs(putBacks, at)}`,
    )
  }
  return troubles
}

const EFFECTS = {
  slow: 'nobody waits for it; nobody can sign in, nothing can be decided',
  refusing: 'nobody can sign in, nothing can be decided, a restart of alerting may tell again',
  away: 'changes show up to a second later; nobody can sign in, nothing can be decided, a restart of alerting may tell again',
} as const

function backAs(putBacks: RedisState['putBacks'], at: number): string {
  const lately = [...putBacks].filter(([, { at: when }]) => at - when < TOLD_MS)
  if (lately.length === 0) return ''
  const parts = lately.map(([what, { putBack }]) => `${putBack} of the ${what}`)
  return `; put back: ${parts.join(', ')}`
}
