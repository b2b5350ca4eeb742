import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { LAST_EVALUATION } from '../restore.ts'
import type { Sight } from './role.ts'

/** The token of the term that an instance leads; 0 while it stands by. */
export const TOKEN = 'wardline_alerting_token'

/** Each instance says it this often, so that its series is known long before it matters. */
export const MARK_EVERY_MS = 5_000
const ANSWER_MS = 1_500
/** Tokens grow over the years: a Redis that was emptied must not begin anew. */
const REMEMBERED = '90d'

/** Who led last, as VictoriaMetrics shows it. Rejects with VictoriaMetricsError. */
export async function readSight(
  victoriaMetrics: VictoriaMetrics,
  availabilityGroup: string,
): Promise<Sight> {
  const options = { timeoutMs: ANSWER_MS }
  await victoriaMetrics.flush()
  const [tokens, stamps] = await Promise.all([
    victoriaMetrics.query(`max by (instance) (last_over_time(${TOKEN}[1h]))`, options),
    // Not by its labels alone: what was asked for before it was there stays hidden for 10 s.
    victoriaMetrics.query(`max by (group, file) (last_over_time(${LAST_EVALUATION}[1h]))`, options),
  ])
  const stamp = stamps.find(
    ({ labels }) => labels['group'] === availabilityGroup && labels['file'] === undefined,
  )
  return {
    tokens: new Map(tokens.map(({ labels, value }) => [labels['instance'] ?? '', value])),
    stamp: stamp?.value ?? null,
  }
}

/** The highest token that anybody is known to have had; 0 where nobody is. Rejects with VictoriaMetricsError. */
export async function readHighestToken(victoriaMetrics: VictoriaMetrics): Promise<number> {
  const [highest] = await victoriaMetrics.query(`max(max_over_time(${TOKEN}[${REMEMBERED}]))`, {
    timeoutMs: ANSWER_MS,
  })
  return highest?.value ?? 0
}
