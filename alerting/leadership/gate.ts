import { type VictoriaMetrics, VictoriaMetricsError } from '../../lib/victoriametrics.ts'
import type { Receiver } from '../notify/notification.ts'

/** Stands before whatever a term does to the outside: a process that was stopped meanwhile may lead no more. */
export type Gate = {
  readonly token: number
  /** Resolves whether the term goes on; asks where that isn't known. Never rejects. */
  pass(): Promise<boolean>
}

/** What was evaluated in a term that is over isn't stored by it: whoever leads has evaluated it, too. */
export function gatedStore(victoriaMetrics: VictoriaMetrics, gate: Gate): VictoriaMetrics {
  async function pass(): Promise<void> {
    if (await gate.pass()) return
    throw new VictoriaMetricsError('another instance of alerting leads now', 'unreachable')
  }
  return {
    ...victoriaMetrics,
    async writeLines(body, options) {
      await pass()
      await victoriaMetrics.writeLines(body, options)
    },
    async remoteWrite(body, options) {
      await pass()
      await victoriaMetrics.remoteWrite(body, options)
    },
  }
}

/** A message of a term that is over waits for its process' end: it stays pending in the log, and whoever leads sends it. */
export function gatedReceiver(receiver: Receiver, gate: Gate): Receiver {
  return {
    ...receiver,
    async notify(notification, delivery) {
      if (!(await gate.pass())) return ended(delivery.signal)
      return receiver.notify(notification, { ...delivery, term: gate.token })
    },
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
