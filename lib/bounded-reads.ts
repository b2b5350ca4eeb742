import { type TimeLimit, createTimeLimit } from './time-limit.ts'
import { type QueryOptions, type VictoriaMetrics, VictoriaMetricsError } from './victoriametrics.ts'

/** Once a question is known to be answered quickly; and while it isn't. */
const LIMIT_MS = { least: 8_000, most: 30_000, first: 30_000 }

/**
 * For questions that are asked again and again. A line that was cut without a word leaves a connection on which no answer ever
 * comes: whoever waits as long as VictoriaMetrics may take at worst sees nothing meanwhile. One that is answered in no time as a
 * rule is given up after 8 s, and the next goes over a new connection; where that is silent too, VictoriaMetrics is slow, and is
 * waited for. Questions that come with a limit of their own have that.
 */
export function boundReads(
  victoriaMetrics: VictoriaMetrics,
  clock: { now(): number } = performance,
): VictoriaMetrics {
  // By what is asked, whatever the window: there are as many as the code has.
  const limits = new Map<string, TimeLimit>()

  function limitOf(question: string): TimeLimit {
    const key = question.replaceAll(/\d+/g, '#')
    let limit = limits.get(key)
    if (limit === undefined) limits.set(key, (limit = createTimeLimit(LIMIT_MS)))
    return limit
  }

  async function within<T>(
    question: string,
    options: QueryOptions,
    ask: (options: QueryOptions) => Promise<T>,
  ): Promise<T> {
    if (options.timeoutMs !== undefined) return ask(options)
    const limit = limitOf(question)
    const askedAt = clock.now()
    try {
      const answer = await ask({ ...options, timeoutMs: limit.ms })
      limit.answered(clock.now() - askedAt)
      return answer
    } catch (error) {
      if (error instanceof VictoriaMetricsError) {
        limit.failed(error.reason)
        if (error.reason === 'timeout') victoriaMetrics.renew()
      }
      throw error
    }
  }

  return {
    ...victoriaMetrics,
    query: (expr, options = {}) =>
      within(expr, options, (bounded) => victoriaMetrics.query(expr, bounded)),
    exportCsv: (match, columns, range, options = {}) =>
      within(`${match} ${columns.join()}`, options, (bounded) =>
        victoriaMetrics.exportCsv(match, columns, range, bounded),
      ),
  }
}
