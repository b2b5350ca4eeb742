import { type Clock, isAbort } from '../../lib/clock.ts'
import { type Acknowledgement, acknowledges } from '../../lib/decisions/acknowledgement.ts'
import type { Decisions } from '../../lib/decisions/decisions.ts'
import type { Logger } from '../../lib/log.ts'
import type { Notifier } from './notifier.ts'
import type { NotifierView } from './view.ts'

/** Alerts of the process before this one are all known again by then. */
const LOOK_EVERY_MS = 60_000

export type FollowDeps = {
  readonly notifier: Pick<Notifier, 'decided' | 'view'>
  readonly decisions: Pick<Decisions, 'current' | 'onChange' | 'endAcknowledgements'>
  readonly clock: Clock
  readonly log: Logger
}

/** Has the notifier heed at once what people decide, and ends acknowledgements with what they are of, until the signal aborts. */
export async function followDecisions(
  { notifier, decisions, clock, log }: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  const stop = decisions.onChange(() => notifier.decided())
  try {
    for (;;) {
      await clock.sleepUntil(clock.now() + LOOK_EVERY_MS, signal)
      const { acknowledgements } = decisions.current
      if (acknowledgements.length === 0) continue
      const over = overAcknowledgements(acknowledgements, notifier.view(), clock.now())
      const occurrences = over.map(({ id, startsAt }) => ({ fingerprint: id, startsAt }))
      await decisions.endAcknowledgements(occurrences).catch((error: Error) => {
        log.debug({ reason: error.message }, 'acknowledgements not ended yet')
      })
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  } finally {
    stop()
  }
}

/** Acknowledgements whose occurrence is over. A sticky one ends with its time. */
export function overAcknowledgements(
  acknowledgements: readonly Acknowledgement[],
  { alerts }: Pick<NotifierView, 'alerts'>,
  at: number,
): Acknowledgement[] {
  const firing = new Map(alerts.map(({ fingerprint, alert }) => [fingerprint, alert]))
  return acknowledgements.filter((acknowledgement) => {
    if (acknowledgement.sticky) return false
    const alert = firing.get(acknowledgement.id)
    if (alert === undefined) return true
    const occurrence = { fingerprint: acknowledgement.id, startsAt: alert.startsAt }
    return !acknowledges({ ...acknowledgement, expiresAt: null }, occurrence, at)
  })
}
