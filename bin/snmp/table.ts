/** Wider texts stick out of their column, rather than push all others away. */
const MOST_WIDTH = 60

/** Rows as lines of aligned columns, those of `right` (numbers) on the right. Nothing follows the last one. */
export function alignedLines(
  rows: readonly (readonly string[])[],
  { right = [] }: { right?: readonly number[] } = {},
): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, { length }] of row.entries()) {
      if (length <= MOST_WIDTH) widths[column] = Math.max(widths[column] ?? 0, length)
    }
  }
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0
    return right.includes(column) ? text.padStart(width) : text.padEnd(width)
  }
  return rows.map((row) => row.map(pad).join('  ').trimEnd())
}
