import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** A ping sample as exported: one probe's outcome. */
export type PingSample = {
  readonly at: number
  readonly up: boolean
  /** Who probed, where that was asked for. */
  readonly vantage?: string
}

// The device comes last: a quote or a comma in it costs nothing where there is none.
const COLUMNS = ['__timestamp__:unix_ms', '__value__', 'device'] as const
const COLUMNS_BY_VANTAGE = ['__timestamp__:unix_ms', '__value__', 'vantage', 'device'] as const

type Range = { readonly start: number; readonly end: number }

/** All ping samples stamped in [start, end], by device, oldest first. */
export async function readPingSamples(
  victoriaMetrics: Pick<VictoriaMetrics, 'exportCsv'>,
  range: Range,
  signal: AbortSignal,
  match = 'ping_up',
): Promise<Map<string, PingSample[]>> {
  return parsePingSamples(await victoriaMetrics.exportCsv(match, COLUMNS, range, { signal }))
}

/** The same with who probed. */
export async function readPingSamplesByVantage(
  victoriaMetrics: Pick<VictoriaMetrics, 'exportCsv'>,
  range: Range,
  signal: AbortSignal,
  match = 'ping_up',
): Promise<Map<string, PingSample[]>> {
  const csv = await victoriaMetrics.exportCsv(match, COLUMNS_BY_VANTAGE, range, { signal })
  return parsePingSamples(csv, true)
}

/** Rows `1795321194000,0,router-1`, or `…,0,dc-1,router-1`; rows of one device may come from several series. */
export function parsePingSamples(csv: string, isByVantage = false): Map<string, PingSample[]> {
  const samples = new Map<string, PingSample[]>()
  let start = 0
  while (start < csv.length) {
    let end = csv.indexOf('\n', start)
    if (end < 0) end = csv.length
    const first = csv.indexOf(',', start)
    const second = csv.indexOf(',', first + 1)
    const last = isByVantage ? fieldEnd(csv, second + 1) : second
    if (first > start && second > first && last >= second && last < end) {
      const device = unquote(csv.slice(last + 1, end).trimEnd())
      const at = Number(csv.slice(start, first))
      const up = Number(csv.slice(first + 1, second)) > 0
      const sample = isByVantage
        ? { at, up, vantage: unquote(csv.slice(second + 1, last)) }
        : { at, up }
      const known = samples.get(device)
      if (known === undefined) samples.set(device, [sample])
      else known.push(sample)
    }
    start = end + 1
  }
  for (const list of samples.values()) {
    if (list.some((sample, index) => index > 0 && sample.at < (list[index - 1]?.at ?? 0))) {
      list.sort((a, b) => a.at - b.at)
    }
  }
  return samples
}

/** The comma after a field, which may be quoted. */
function fieldEnd(csv: string, start: number): number {
  if (csv[start] !== '"') return csv.indexOf(',', start)
  let at = start + 1
  while (at < csv.length && csv[at] !== '"') at += csv[at] === '\\' ? 2 : 1
  return csv.indexOf(',', at)
}

/** VictoriaMetrics quotes what holds a comma or a quote, and as JSON does: `"a\\"b"`, not `"a""b"`. */
const unquote = (text: string): string =>
  text.startsWith('"') ? (JSON.parse(text) as string) : text
