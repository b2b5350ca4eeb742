/**
 * Fields of a row of `/api/v1/export/csv`. VictoriaMetrics quotes what holds a comma or a quote, and as JSON does: `"a\\"b"`,
 * not `"a""b"`.
 */

/** The place of the comma after the field that begins at `start`, -1 where none follows. */
export function fieldEnd(csv: string, start: number): number {
  if (csv[start] !== '"') return csv.indexOf(',', start)
  let at = start + 1
  while (at < csv.length && csv[at] !== '"') at += csv[at] === '\\' ? 2 : 1
  return csv.indexOf(',', at)
}

/** Null for what is quoted and isn't whole, such as the end of a row that was cut off. */
export function unquote(text: string): string | null {
  if (!text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

/** All fields of one row; null where there aren't `count` of them. */
export function fieldsOf(row: string, count: number): readonly string[] | null {
  const fields: string[] = []
  for (let start = 0; fields.length < count;) {
    const isLast = fields.length === count - 1
    const end = isLast ? row.length : fieldEnd(row, start)
    if (end < 0) return null
    const field = unquote(row.slice(start, end))
    if (field === null) return null
    fields.push(field)
    start = end + 1
  }
  return fields
}
