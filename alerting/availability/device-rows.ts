import { fieldEnd, unquote } from '../../lib/csv-fields.ts'

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

/**
 * Hands over rows `1795321194000,0,router-1`, or `…,0,dc-1,router-1`, without splitting what are tens of thousands. A row
 * that was cut off says nothing of its device, and holds up no other.
 */
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
