import type { Clock } from '../lib/clock.ts'

/** Whether alerting does its work: what its own health and the dead man's signal are made of. */
export type Pulse = {
  /** A term begins: nothing is late yet. */
  begin(): void
  /** Availability was evaluated; `at` is the instant. */
  evaluated(at: number): void
  /** VictoriaMetrics took samples. */
  stored(): void
  isLate(): boolean
  /** Why outages may not be seen or told; null while evaluations are on time and VictoriaMetrics gives and takes. */
  health(): string | null
}

export function createPulse(availabilityMs: number, clock: Pick<Clock, 'now'>): Pulse {
  const lateAfterMs = 5 * availabilityMs + 5_000
  let evaluatedAt = clock.now()
  let storedAt = evaluatedAt
  let hasEvaluated = false
  const isOld = (at: number): boolean => clock.now() - at > lateAfterMs
  return {
    begin() {
      evaluatedAt = storedAt = clock.now()
      hasEvaluated = false
    },
    evaluated(at) {
      evaluatedAt = at
      hasEvaluated = true
    },
    stored: () => void (storedAt = clock.now()),
    isLate: () => isOld(evaluatedAt),
    health() {
      if (!hasEvaluated) return 'nothing was evaluated yet'
      if (isOld(evaluatedAt)) return 'evaluations are late'
      return isOld(storedAt) ? 'VictoriaMetrics takes no samples' : null
    },
  }
}
