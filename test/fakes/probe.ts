import type { Echoes, FpingRun } from '../../collector/ping/fping.ts'
import type { Clock } from '../../lib/clock.ts'

/** A probe that follows a script instead of sending packets; it lasts as long as fping would. */
export type ScriptedProbe = {
  (run: FpingRun, signal: AbortSignal): Promise<Map<string, Echoes>>
  /** What it was asked for, and when. */
  readonly runs: readonly (FpingRun & { readonly at: number })[]
}

const RTT_SECONDS = 0.002
const ECHO_PERIOD_MS = 100

export function scriptedProbe(
  clock: Clock,
  answers: (address: string, at: number) => boolean,
): ScriptedProbe {
  const runs: (FpingRun & { at: number })[] = []
  const probe = async (run: FpingRun, signal: AbortSignal): Promise<Map<string, Echoes>> => {
    signal.throwIfAborted()
    const at = clock.now()
    runs.push({ ...run, at })
    const results = run.addresses.map((address) => {
      const echo = answers(address, at) ? RTT_SECONDS : null
      return [address, Array<number | null>(run.count).fill(echo)] as const
    })
    const silent = results.some(([, echoes]) => echoes.includes(null))
    const lasts = (run.count - 1) * ECHO_PERIOD_MS + (silent ? run.timeoutMs : RTT_SECONDS * 1000)
    await clock.sleepUntil(at + lasts, signal)
    return new Map(results)
  }
  return Object.assign(probe, { runs })
}
