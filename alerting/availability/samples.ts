import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { ROW_COLUMNS, ROW_COLUMNS_BY_VANTAGE, type TakeRow, eachRow } from './device-rows.ts'

/** A ping sample as exported: one probe's outcome. */
export type PingSample = {
  readonly at: number
  readonly up: boolean
  /** Who probed, where that was asked for. */
  readonly vantage?: string
}

type Range = { readonly start: number; readonly end: number }

/** All ping samples stamped in [start, end], by device, oldest first. */
export async function readPingSamples(
  victoriaMetrics: Pick<VictoriaMetrics, 'exportCsv'>,
  range: Range,
  signal: AbortSignal,
  match = 'ping_up',
): Promise<Map<string, PingSample[]>> {
  return parsePingSamples(await victoriaMetrics.exportCsv(match, ROW_COLUMNS, range, { signal }))
}

/** The same with who probed. */
export async function readPingSamplesByVantage(
  victoriaMetrics: Pick<VictoriaMetrics, 'exportCsv'>,
  range: Range,
  signal: AbortSignal,
  match = 'ping_up',
): Promise<Map<string, PingSample[]>> {
  const csv = await victoriaMetrics.exportCsv(match, ROW_COLUMNS_BY_VANTAGE, range, { signal })
  return parsePingSamples(csv, true)
}

/** Rows of one device may come from several series; of one instant what was answered comes first. */
export function parsePingSamples(csv: string, isByVantage = false): Map<string, PingSample[]> {
  const samples = new Map<string, PingSample[]>()
  const take: TakeRow = (device, at, value, vantage) => {
    const up = value > 0
    const sample = vantage === undefined ? { at, up } : { at, up, vantage }
    const known = samples.get(device)
    if (known === undefined) samples.set(device, [sample])
    else known.push(sample)
  }
  eachRow(csv, take, isByVantage)
  for (const list of samples.values()) {
    if (list.some((sample, index) => index > 0 && sample.at <= (list[index - 1]?.at ?? 0))) {
      list.sort((a, b) => a.at - b.at || Number(b.up) - Number(a.up))
    }
  }
  return samples
}
