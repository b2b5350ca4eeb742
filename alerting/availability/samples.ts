import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** A ping sample as exported: one probe's outcome. */
export type PingSample = { readonly at: number; readonly up: boolean }

// The device comes last: it is the one column that may hold a comma or a quote.
const COLUMNS = ['__timestamp__:unix_ms', '__value__', 'device'] as const

/** All ping samples stamped in [start, end], by device, oldest first. */
export async function readPingSamples(
  victoriaMetrics: VictoriaMetrics,
  range: { start: number; end: number },
  signal: AbortSignal,
  match = 'ping_up',
): Promise<Map<string, PingSample[]>> {
  return parsePingSamples(await victoriaMetrics.exportCsv(match, COLUMNS, range, { signal }))
}

/** Rows `1795321194000,0,router-1`; rows of one device may come from several series. */
export function parsePingSamples(csv: string): Map<string, PingSample[]> {
  const samples = new Map<string, PingSample[]>()
  let start = 0
  while (start < csv.length) {
    let end = csv.indexOf('\n', start)
    if (end < 0) end = csv.length
    const first = csv.indexOf(',', start)
    const second = csv.indexOf(',', first + 1)
    if (first > start && second > first && second < end) {
      const device = unquote(csv.slice(second + 1, end).trimEnd())
      const sample = {
        at: Number(csv.slice(start, first)),
        up: Number(csv.slice(first + 1, second)) > 0,
      }
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

/** VictoriaMetrics quotes what holds a comma or a quote, and as JSON does: `"a\\"b"`, not `"a""b"`. */
const unquote = (text: string): string =>
  text.startsWith('"') ? (JSON.parse(text) as string) : text
