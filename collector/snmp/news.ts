import type { Logger } from '../../lib/log.ts'
import type { SnmpError } from './protocol/error.ts'
import type { TransportCounts } from './protocol/transport.ts'

/** Tells people what changed, a line for many: a switch that dies takes its branch along, and nobody reads 500 lines. */
export type News = {
  /** A poll ended, and the one before it had ended as `before`. */
  polled(id: string, before: 'up' | 'failed' | null, failure: SnmpError | null): void
  /** Writes what was noted since the last time. */
  flush(at: number): void
}

const DROPS_EVERY_MS = 60_000

export function createNews(log: Logger, counts: TransportCounts): News {
  let failing: { id: string; failure: SnmpError }[] = []
  let answering: string[] = []
  let told = { ...counts.dropped, broken: 0 }
  let dropsToldAt = 0

  function flushDrops(at: number): void {
    if (at - dropsToldAt < DROPS_EVERY_MS) return
    dropsToldAt = at
    const now = { ...counts.dropped, broken: counts.broken }
    const reasons = Object.keys(now) as (keyof typeof now)[]
    const more = reasons
      .map((reason) => [reason, now[reason] - told[reason]] as const)
      .filter(([, count]) => count > 0)
    told = now
    if (more.length > 0) log.info(Object.fromEntries(more), 'SNMP: packets dropped')
  }

  return {
    polled(id, before, failure) {
      if (failure !== null && before !== 'failed') failing.push({ id, failure })
      if (failure === null && before === 'failed') answering.push(id)
    },
    flush(at) {
      const [first] = failing
      if (first !== undefined) {
        const { id, failure } = first
        const reasons: Record<string, number> = {}
        for (const { failure: one } of failing) reasons[one.reason] = (reasons[one.reason] ?? 0) + 1
        log.warn({ ...reasons, first: id, why: failure.message }, 'SNMP: devices fail')
      }
      if (answering.length > 0) {
        log.info({ devices: answering.length, first: answering[0] }, 'SNMP: devices answer again')
      }
      failing = []
      answering = []
      flushDrops(at)
    },
  }
}
