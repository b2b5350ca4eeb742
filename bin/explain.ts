import { FpingError } from '../collector/ping/fping.ts'
import { ConfigError } from '../lib/config/load.ts'
import { ListenError } from '../lib/http-listen.ts'
import { StartError } from '../lib/start-error.ts'
import { VictoriaMetricsError } from '../lib/victoriametrics.ts'

const MENDABLE = [ConfigError, StartError, ListenError, FpingError, VictoriaMetricsError]

/** What to tell a person, when the error is of a kind that a person can mend; null for a fault of ours. */
export function explain(error: unknown): string | null {
  return MENDABLE.some((kind) => error instanceof kind) ? (error as Error).message : null
}
