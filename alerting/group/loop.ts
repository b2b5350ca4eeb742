import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { VictoriaMetricsError } from '../../lib/victoriametrics.ts'
import type { AlertingMetrics } from '../meter.ts'
import type { Bell } from './bell.ts'
import { type Turn, firstTurn, isToBeTaken, turnAfter, turnsBetween } from './grid.ts'
import type { GroupMemory } from './memory.ts'

/**
 * Takes a group's turns until the signal aborts, and one more whenever the bell rings. Turns that were overrun are counted
 * and skipped.
 */
export async function takeTurns(
  memory: GroupMemory,
  evaluate: (at: number) => Promise<void>,
  {
    bell,
    meter,
    clock,
    log,
  }: { bell?: Bell | undefined; meter: AlertingMetrics; clock: Clock; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { group } = memory
  let failed = false
  let turn: Turn = firstTurn(group, clock.now(), memory.stampedAt)
  while (!signal.aborted) {
    const rung = bell?.signal()
    const waking = rung === undefined ? signal : AbortSignal.any([signal, rung])
    await clock.sleepUntil(turn.dueAt, waking).catch(() => {})
    if (signal.aborted) return
    bell?.answer()
    if (!isToBeTaken(turn, clock.now(), memory.stampedAt)) {
      turn = turnAfter(group, clock.now())
      continue
    }
    const what = { group: group.name, ...(group.file === '' ? {} : { file: group.file }) }
    try {
      await evaluate(turn.at ?? clock.now())
      if (failed) log.info(what, 'rule group is evaluated again')
      failed = false
    } catch (error) {
      if (isAbort(error, signal)) return
      if (!(error instanceof VictoriaMetricsError)) throw error
      if (!failed) log.warn({ ...what, reason: error.message }, 'rule group not evaluated')
      failed = true
    }
    const next = turnAfter(group, clock.now())
    const missed = turnsBetween(group, turn, next)
    if (missed > 0) meter.missed(group, missed)
    turn = next
  }
}
