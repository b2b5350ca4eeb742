import { COMBINED_TYPES, readIndex } from './index-value.ts'
import { applyDisplayHint } from './display-hint.ts'
import type { Lookup, Metric } from '../module.ts'
import { numberOf } from './number.ts'
import { cutText } from './octet-text.ts'
import { textOf } from './value-text.ts'
import type { Cell } from '../protocol/varbind.ts'

/** The binding of a column's row, among what this poll (or an earlier one) read; the index is its text, `4.97`. */
export type ValueAt = (oid: string, index: string) => Cell | undefined

/**
 * The labels of one row, as snmp_exporter names them: one for each index, then those of the lookups in their order,
 * which may go by labels that an earlier lookup gave. A label whose lookup finds nothing is empty.
 */
export function indexToLabels(
  index: readonly number[],
  { indexes = [], lookups = [] }: Pick<Metric, 'indexes' | 'lookups'>,
  valueAt: ValueAt,
): Record<string, string> {
  const labels: Record<string, string> = {}
  const subIds = new Map<string, readonly number[]>()
  let rest = index
  for (const { labelName, displayHint, ...shape } of indexes) {
    const read = readIndex(rest, shape)
    labels[labelName] = cutText(hinted(read.used, shape, displayHint) ?? read.text)
    subIds.set(labelName, read.used)
    rest = read.rest
  }
  for (const lookup of lookups) {
    const { labelName, oid } = lookup
    if (oid === null || lookup.labels.length === 0) {
      delete labels[labelName]
      continue
    }
    // A label that no index gave counts as an index of nothing: no row has that.
    const row = lookup.labels.map((label) => subIds.get(label)?.join('.') ?? '').join('.')
    const cell = valueAt(oid, row)
    labels[labelName] = cell === undefined ? '' : lookupText(lookup, oid, cell, row, valueAt)
    if (cell !== undefined) subIds.set(labelName, [Math.trunc(numberOf(cell) ?? 0)])
  }
  return labels
}

/** The column in front of it, which says of what kind a combined type's value is. */
export function columnBefore(oid: string): string {
  const end = oid.lastIndexOf('.') + 1
  return oid.slice(0, end) + (Number(oid.slice(end)) - 1)
}

function lookupText(
  { type, displayHint, enumValues }: Lookup,
  oid: string,
  cell: Cell,
  row: string,
  valueAt: ValueAt,
): string {
  const number = enumValues === undefined ? undefined : numberOf(cell)
  if (number !== undefined) return enumValues?.[number] ?? String(number)
  const kinds = COMBINED_TYPES[type]
  const before = kinds === undefined ? undefined : valueAt(columnBefore(oid), row)
  const kind = before === undefined ? undefined : numberOf(before)
  return textOf(cell, kinds?.[kind ?? -1] ?? type, displayHint)
}

/** Octets of an index in the form of its hint; its length, where it stands in front of them, is none of them. */
function hinted(
  used: readonly number[],
  { type, fixedSize, implied }: { type: string; fixedSize: number | null; implied: boolean },
  displayHint: string | undefined,
): string | undefined {
  if (displayHint === undefined || type !== 'OctetString') return undefined
  const hasLength = !implied && (fixedSize ?? 0) === 0
  return applyDisplayHint(displayHint, Buffer.from(used.slice(hasLength ? 1 : 0)))
}
