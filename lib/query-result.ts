import { VictoriaMetricsError } from './victoriametrics-error.ts'

/** The result of a query, and what is said of it. */
export type Result<T> = {
  readonly result: T
  readonly isPartial: boolean
  readonly seriesFetched: number | null
}

/** Reads an answer of the query API; throws VictoriaMetricsError for what is none. */
export function resultOf<T>(text: string, expected: 'vector' | 'matrix', expr: string): Result<T> {
  type Reply = {
    data: { resultType: string; result: T }
    isPartial?: boolean
    stats?: { seriesFetched?: string | number }
  }
  let reply: Reply
  try {
    reply = JSON.parse(text) as Reply
    if (typeof reply.data.resultType !== 'string') throw new Error('it has no resultType')
  } catch (error) {
    throw new VictoriaMetricsError(
      `this is no answer of VictoriaMetrics: ${text.slice(0, 100)}`,
      'unreachable',
      { cause: error },
    )
  }
  const { data, isPartial = false, stats } = reply
  if (data.resultType !== expected)
    throw new VictoriaMetricsError(
      `expected a ${expected}, got a ${data.resultType} of ${expr}`,
      'rejected',
    )
  const fetched = Number(stats?.seriesFetched ?? Number.NaN)
  const seriesFetched = Number.isFinite(fetched) ? fetched : null
  return { result: data.result, isPartial, seriesFetched }
}
