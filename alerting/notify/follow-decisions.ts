import { type Clock, isAbort } from '../../lib/clock.ts'
import { type Acknowledgement, acknowledges } from '../../lib/decisions/acknowledgement.ts'
import type { Decisions } from '../../lib/decisions/decisions.ts'
import type { Logger } from '../../lib/log.ts'
import type { SampleWriter } from '../../lib/sample-writer.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { createSeriesKeeper, createStamps } from '../series.ts'
import type { Notifier } from './notifier.ts'
import { HELD, type NotifierView } from './view.ts'

/** Alerts of the process before this one are all known again by then. */
const RESTORED_WITHIN_MS = 120_000

export type FollowDeps = {
  readonly notifier: Pick<Notifier, 'decided' | 'heldSeries' | 'view'>
  readonly decisions: Pick<Decisions, 'current' | 'onChange' | 'endAcknowledgements'>
  readonly victoriaMetrics: Pick<VictoriaMetrics, 'query'>
  readonly writer: SampleWriter
  readonly everyMs: number
  readonly rewriteMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** Has the notifier heed what people decide at once, and writes what is held back and why, until the signal aborts. */
export async function followDecisions(deps: FollowDeps, signal: AbortSignal): Promise<void> {
  const { notifier, decisions, writer, everyMs, rewriteMs, clock, log } = deps
  const startedAt = clock.now()
  const keeper = createSeriesKeeper(rewriteMs)
  const stamps = createStamps()
  let adopted = false
  const stop = decisions.onChange(() => notifier.decided())
  try {
    for (let next = clock.now(); ; next = clock.now() + everyMs) {
      await clock.sleepUntil(next, signal)
      if (!adopted) adopted = await adoptLeft()
      const { samples, ended } = keeper.update(notifier.heldSeries(), stamps(clock.now()))
      writer.end(ended)
      writer.write(samples)
      if (clock.now() - startedAt > RESTORED_WITHIN_MS) await endAcknowledgements()
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  } finally {
    stop()
  }

  /** What a process that was killed left is ended with the next look, or goes on. */
  async function adoptLeft(): Promise<boolean> {
    try {
      // Those of the rules themselves, held by a parent or for flapping, are their groups' to end.
      const expr = `${HELD}{by!~"parent|flapping"}`
      const left = await deps.victoriaMetrics.query(expr, { at: clock.now(), signal })
      keeper.adopt(
        left.map(({ labels: { __name__: name = HELD, ...labels }, value }) => ({
          name,
          labels,
          value,
        })),
      )
      return true
    } catch (error) {
      if (signal.aborted) throw error
      return false
    }
  }

  async function endAcknowledgements(): Promise<void> {
    const ended = overAcknowledgements(
      decisions.current.acknowledgements,
      notifier.view(),
      clock.now(),
    )
    if (ended.length === 0) return
    const occurrences = ended.map(({ id, startsAt }) => ({ fingerprint: id, startsAt }))
    await decisions.endAcknowledgements(occurrences).catch((error: Error) => {
      log.debug({ reason: error.message }, 'acknowledgements not ended yet')
    })
  }
}

/** Acknowledgements whose occurrence is over. A sticky one ends with its time. */
export function overAcknowledgements(
  acknowledgements: readonly Acknowledgement[],
  { alerts }: Pick<NotifierView, 'alerts'>,
  at: number,
): Acknowledgement[] {
  if (acknowledgements.length === 0) return []
  const firing = new Map(alerts.map(({ fingerprint, alert }) => [fingerprint, alert]))
  return acknowledgements.filter((acknowledgement) => {
    if (acknowledgement.sticky) return false
    const alert = firing.get(acknowledgement.id)
    if (alert === undefined) return true
    const occurrence = { fingerprint: acknowledgement.id, startsAt: alert.startsAt }
    return !acknowledges({ ...acknowledgement, expiresAt: null }, occurrence, at)
  })
}
