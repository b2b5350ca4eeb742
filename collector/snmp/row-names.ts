import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Rows } from './protocol/client.ts'
import type { Table } from './reading.ts'
import { type ValueAt, indexToLabels } from './values/index-labels.ts'
import type { TableMemory } from './memory.ts'

/** What every row of a device is named with. */
export type Naming = {
  readonly identity: Labels
  /** Labels that wardline adds to a row with these. */
  readonly tag: (labels: Labels) => Labels
}

/** The labels of each row that may be told. */
export function nameRows(
  table: Table,
  rows: Rows,
  known: TableMemory,
  naming: Naming,
  { valueAt, isWhole, areNamed }: { valueAt: ValueAt; isWhole: boolean; areNamed: boolean },
): Map<string, Labels> {
  const isNew = table.hasLookups && areNamed
  if (!isNew && areKnown(rows, known)) return known.labels
  const named = new Map<string, Labels>()
  const mayName = isWhole || !table.hasLookups || (areNamed && !table.isNamedByTables)
  for (const index of rows.keys()) {
    const before = known.labels.get(index)
    if (before !== undefined && !(isNew && mayName)) named.set(index, before)
    else if (mayName) {
      const labels = labelsOf(table, index, naming, valueAt)
      const isSame = before !== undefined && labelsKey(before) === labelsKey(labels)
      named.set(index, isSame ? before : labels)
    }
  }
  return named
}

export function labelsOf(
  { metric }: Pick<Table, 'metric'>,
  index: string,
  { identity, tag }: Naming,
  valueAt: ValueAt,
): Labels {
  if ((metric.indexes ?? []).length === 0) return identity
  const own = indexToLabels(partsOf(index), metric, valueAt)
  return tag(withIdentity(own, identity))
}

/** A label of a module that is called like one of wardline's own stays, under another name. */
export function withIdentity(labels: Readonly<Record<string, string>>, identity: Labels): Labels {
  const all: Record<string, string> = { ...identity }
  for (const name in labels) {
    const text = labels[name]
    if (text !== undefined && text !== '') all[name in identity ? `exported_${name}` : name] = text
  }
  return all
}

/** False when a row that wasn't there before has no name at all: it may have come after those were read. */
export function haveNames(
  { metric }: Table,
  rows: Rows,
  { labels: known }: TableMemory,
  valueAt: ValueAt,
): boolean {
  const lookups = (metric.lookups ?? []).filter(({ oid }) => oid !== null)
  return rows.keys().every((index) => {
    if (known.has(index)) return true
    const labels = indexToLabels(partsOf(index), metric, valueAt)
    return lookups.some(({ labelName }) => (labels[labelName] ?? '') !== '')
  })
}

/** True when these are the rows of the last whole poll. */
export function areKnown(rows: Rows, { labels }: TableMemory): boolean {
  if (rows.size !== labels.size) return false
  for (const index of rows.keys()) if (!labels.has(index)) return false
  return true
}

const partsOf = (index: string): number[] => index.split('.').map(Number)
