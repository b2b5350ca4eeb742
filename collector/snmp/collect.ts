import type { Labels } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Rows } from './protocol/client.ts'
import type { DirectRow, Section, Table } from './reading.ts'
import type { ValueAt } from './values/index-labels.ts'
import { type SectionMemory, type TableMemory, tableMemory } from './memory.ts'
import { readMetric } from './values/metric.ts'
import { type Asked, createCells, readSection, rowsAt, valuesOf } from './read-section.ts'
import { type Naming, labelsOf, nameRows, withIdentity } from './row-names.ts'

export type Collecting = Naming &
  Asked & {
    readonly at: number
    /** Samples are added here, those that were read before a failure too. */
    readonly samples: Sample[]
  }

/**
 * Makes samples of what GET brought of a module, and of what it wants beyond that, which it reads. After a failure the
 * rows are told that were read and whose names are known. Rejects as the client does; null when there is nothing to wait for.
 */
export function collectSection(
  section: Section,
  memory: SectionMemory,
  collecting: Collecting,
): Promise<void> | null {
  if (!section.isDirect) return readAndCollect(section, memory, collecting)
  for (const table of section.tables) {
    addDirect(table, table.direct ?? [], tableMemory(memory, table.key), collecting)
  }
  return null
}

/** The usual module of single values: no row is put together first. */
function addDirect(
  table: Table,
  rows: readonly DirectRow[],
  known: TableMemory,
  collecting: Collecting,
): void {
  const { got, samples, at } = collecting
  for (const { index, cells } of rows) {
    const fields: Record<string, number> = {}
    let isEmpty = true
    for (const { oid, name, read } of cells) {
      const cell = got.get(oid)
      const value = cell === undefined ? undefined : read(cell)
      if (value === undefined) continue
      fields[name] = value
      isEmpty = false
    }
    if (isEmpty) continue
    let labels = known.labels.get(index)
    if (labels === undefined) {
      labels = labelsOf(table, index, collecting, () => undefined)
      known.labels.set(index, labels)
    }
    samples.push({ measurement: '', labels, fields, at })
  }
}

async function readAndCollect(
  section: Section,
  memory: SectionMemory,
  collecting: Collecting,
): Promise<void> {
  const cells = createCells(section)
  let isWhole = false
  try {
    await readSection(section, memory, collecting, cells)
    isWhole = true
  } finally {
    const valueAt = valuesOf(section, cells, collecting.got)
    for (const [i, table] of section.tables.entries()) {
      const rows = rowsAt(cells.tables, i)
      const known = tableMemory(memory, table.key)
      const labels = nameRows(table, rows, known, collecting, {
        valueAt,
        isWhole,
        areNamed: cells.areNamed,
      })
      addSamples(table, rows, labels, collecting, valueAt)
      if (isWhole) known.labels = labels
      else if (cells.areNamed) for (const [index, row] of labels) known.labels.set(index, row)
    }
  }
}

function addSamples(
  { columns }: Table,
  rows: Rows,
  labelsByIndex: ReadonlyMap<string, Labels>,
  { at, samples, identity }: Collecting,
  valueAt: ValueAt,
): void {
  for (const [index, row] of rows) {
    const labels = labelsByIndex.get(index)
    if (labels === undefined) continue
    const fields: Record<string, number> = {}
    let isEmpty = true
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]
      const cell = row[i]
      if (cell === undefined || column === undefined || column.metric === null) continue
      if (column.readNumber !== null) {
        const value = column.readNumber(cell)
        if (value === undefined) continue
        fields[column.metric.name] = value
        isEmpty = false
        continue
      }
      for (const { name, value, labels: more } of readMetric(column.metric, cell, index, valueAt)) {
        const all = more === undefined ? labels : { ...labels, ...withIdentity(more, identity) }
        samples.push({ measurement: '', labels: all, fields: { [name]: value }, at })
      }
    }
    if (!isEmpty) samples.push({ measurement: '', labels, fields, at })
  }
}
