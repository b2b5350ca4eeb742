/** One row of an export: a value of a device at an instant, and who took it where that was asked for. */
export type TakeRow = (
  device: string,
  at: number,
  value: number,
  vantage: string | undefined,
) => void

// The device comes last: a comma or a quote in it costs nothing where there is none.
export const ROW_COLUMNS = ['__timestamp__:unix_ms', '__value__', 'device'] as const
export const ROW_COLUMNS_BY_VANTAGE = [
  '__timestamp__:unix_ms',
  '__value__',
  'vantage',
  'device',
] as const

/** Hands over rows `1795321194000,0,router-1`, or `…,0,dc-1,router-1`, without splitting what are tens of thousands. */
export function eachRow(csv: string, take: TakeRow, isByVantage = false): void {
  let start = 0
  while (start < csv.length) {
    let end = csv.indexOf('\n', start)
    if (end < 0) end = csv.length
    const first = csv.indexOf(',', start)
    const second = csv.indexOf(',', first + 1)
    const last = isByVantage ? fieldEnd(csv, second + 1) : second
    if (first > start && second > first && last >= second && last < end) {
      const device = unquote(csv.slice(last + 1, end).trimEnd())
      const vantage = isByVantage ? unquote(csv.slice(second + 1, last)) : undefined
      const at = Number(csv.slice(start, first))
      if (device !== null && vantage !== null)
        take(device, at, Number(csv.slice(first + 1, second)), vantage)
    }
    start = end + 1
  }
}

/** The comma after a field, which may be quoted. */
function fieldEnd(csv: string, start: number): number {
  if (csv[start] !== '"') return csv.indexOf(',', start)
  let at = start + 1
  while (at < csv.length && csv[at] !== '"') at += csv[at] === '\\' ? 2 : 1
  return csv.indexOf(',', at)
}

/**
 * VictoriaMetrics quotes what holds a comma or a quote, and as JSON does: `"a\\"b"`, not `"a""b"`. Null for what is neither: a
 * row that was cut off says nothing of its device, and holds up no other.
 */
function unquote(text: string): string | null {
  if (!text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
