import { FpingError } from '../collector/ping/fping.ts'
import { ConfigError } from '../lib/config/load.ts'
import { ListenError } from '../lib/http-listen.ts'
import { StartError } from '../lib/start-error.ts'
import { VictoriaMetricsError } from '../lib/victoriametrics.ts'

/** The lines for a person, when the error is of a kind that a person can mend; null for a fault of ours. */
export function explain(error: unknown): readonly string[] | null {
  if (error instanceof ConfigError) return error.problems.map((problem) => problem.message)
  const known =
    error instanceof StartError ||
    error instanceof ListenError ||
    error instanceof FpingError ||
    error instanceof VictoriaMetricsError
  return known ? [error.message] : null
}
