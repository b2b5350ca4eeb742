import { blindSince, lastMarksQuery } from '../../lib/blindness.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../../lib/victoriametrics.ts'

/** A vantage that wasn't heard of for so long begins anew. */
const REMEMBERED_MS = 86_400_000
/** Meanwhile devices are probed already. */
const WITHIN_MS = 2_000

/** Since when a vantage was blind when it was last heard of; null where it wasn't, or nobody can tell now. */
export async function readLeftBlindness(
  victoriaMetrics: Pick<VictoriaMetrics, 'flush' | 'query'>,
  vantage: string,
  at: number,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    await victoriaMetrics.flush(signal)
    const bounds = { at, signal, timeoutMs: WITHIN_MS }
    const marks = await victoriaMetrics.query(lastMarksQuery(REMEMBERED_MS), bounds)
    return blindSince(marks).get(vantage) ?? null
  } catch (error) {
    if (error instanceof VictoriaMetricsError) return null
    throw error
  }
}
