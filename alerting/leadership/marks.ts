import { type Clock, isAbort } from '../../lib/clock.ts'
import { encodeLine } from '../../lib/line-protocol.ts'
import { type Registry, metricsOf } from '../../lib/metrics.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { MARK_EVERY_MS, TOKEN } from './sight.ts'

/** What an instance says in VictoriaMetrics of its leading, for those that can't ask Redis. */
export type Marks = {
  /** Says at once that a term of this token begins, or, null, that this instance stands by. Never rejects. */
  say(token: number | null): Promise<void>
  /** Says it again and again until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

const STORED_MS = 1_500

export function createMarks({
  instance,
  registry,
  victoriaMetrics,
  clock,
}: {
  instance: string
  registry: Registry
  victoriaMetrics: VictoriaMetrics
  clock: Clock
}): Marks {
  const labels = { instance }
  const gauge = metricsOf(registry).gauge(
    TOKEN,
    'Fencing token of the term that this instance leads; 0 while it stands by',
    [],
  )
  let said = 0

  async function write(): Promise<void> {
    const line = encodeLine({
      measurement: '',
      labels,
      fields: { [TOKEN]: said },
      at: clock.now(),
    })
    const options = { signal: AbortSignal.timeout(STORED_MS) }
    await victoriaMetrics.writeLines(line, options).catch(() => {}) // said again soon
  }

  return {
    async say(token) {
      said = token ?? 0
      gauge.set(said)
      await write()
    },
    async run(signal) {
      try {
        for (;;) {
          await clock.sleepUntil(clock.now() + MARK_EVERY_MS, signal)
          await write()
        }
      } catch (error) {
        if (!isAbort(error, signal)) throw error
      }
    },
  }
}
