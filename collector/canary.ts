import { CANARY_DEVICE, CANARY_PROBE_MS, isCanaryUp } from '../lib/canary.ts'
import { type Clock, isAbort } from '../lib/clock.ts'
import type { Sample } from '../lib/line-protocol.ts'

/** Without a vantage: it is nobody's probe, and several collectors write the same. */
const LABELS = { device: CANARY_DEVICE }

/** Writes ping samples of the canary until the signal aborts: `ping_up` alone, so that it is in no average. */
export async function runCanary(
  {
    intervalMs,
    write,
    clock,
  }: { intervalMs: number; write: (samples: readonly Sample[]) => void; clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const at = (Math.floor(clock.now() / CANARY_PROBE_MS) + 1) * CANARY_PROBE_MS
      await clock.sleepUntil(at, signal)
      const up = Number(isCanaryUp(at, intervalMs))
      write([{ measurement: 'ping', labels: LABELS, fields: { up }, at }])
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  }
}
