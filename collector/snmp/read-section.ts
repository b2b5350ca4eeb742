import type { Section, Table, Walked } from './reading.ts'
import { type SectionMemory, tableMemory } from './memory.ts'
import type { DynamicFilter } from './module.ts'
import type { Rows, SnmpClient } from './protocol/client.ts'
import type { Cell, Varbind } from './protocol/varbind.ts'
import { areKnown, haveNames } from './row-names.ts'
import type { ValueAt } from './values/index-labels.ts'
import { textOf } from './values/value-text.ts'

/** Names and aliases hardly change: they are read again with every so many polls, and when rows come or go. */
const POLLS_PER_LABELS = 10

/** Who is asked, and what was told already. */
export type Asked = {
  readonly client: SnmpClient
  /** v1 has no 64-bit counters. */
  readonly isV1: boolean
  /** What GET brought, by OID. */
  readonly got: ReadonlyMap<string, Varbind>
}

/** What was read of a section in this poll, in the order of its tables and label groups. */
export type Cells = {
  readonly tables: readonly Rows[]
  readonly labels: readonly Rows[]
  /** The columns that name the rows were read. */
  areNamed: boolean
}

export const createCells = ({ tables, labels }: Section): Cells => ({
  tables: tables.map(() => new Map()),
  labels: labels.map(() => new Map()),
  areNamed: false,
})

/** Reads what a module wants beyond GET into the cells. Rejects as the client does: what came before stays. */
export async function readSection(
  section: Section,
  memory: SectionMemory,
  asked: Asked,
  cells: Cells,
): Promise<void> {
  const age = memory.pollsSinceLabels
  if (age === null || age + 1 >= POLLS_PER_LABELS) await readNames()
  else memory.pollsSinceLabels = age + 1

  const allowed: string[][] = []
  for (const filter of section.filters) {
    allowed.push(await readFilter(filter, section, asked.client))
  }
  for (const [i, table] of section.tables.entries()) {
    await readTable(table, rowsAt(cells.tables, i), section, asked, allowed)
  }
  // An index that wasn't there before may be another interface: its counters wait for its name.
  const valueAt = valuesOf(section, cells, asked.got)
  const isOther = section.tables.some((table, i) => {
    const rows = rowsAt(cells.tables, i)
    const known = tableMemory(memory, table.key)
    if (!table.hasLookups || areKnown(rows, known)) return false
    return !cells.areNamed || !haveNames(table, rows, known, valueAt)
  })
  if (isOther) await readNames()

  async function readNames(): Promise<void> {
    cells.areNamed = false
    for (const [i, group] of section.labels.entries()) {
      const rows = rowsAt(cells.labels, i)
      rows.clear()
      await asked.client.walkColumns(group.oids, rows, section.walking)
      await readCells(group, group.width, rows, section, asked)
    }
    cells.areNamed = true
    memory.pollsSinceLabels = 0
  }
}

async function readTable(
  table: Table,
  rows: Rows,
  section: Section,
  asked: Asked,
  allowed: readonly (readonly string[])[],
): Promise<void> {
  const { client } = asked
  const width = table.columns.length
  await readCells(table, width, rows, section, asked)
  for (const { oid, position, filters } of table.filtered) {
    const indexes = inAll(filters.map((filter) => allowed[filter] ?? []))
    const values = await client.get(indexes.map((index) => `${oid}.${index}`))
    for (const index of indexes) {
      put(rows, width, { index, position }, values.get(`${oid}.${index}`))
    }
  }
  if (asked.isV1) return walk(table.v1, rows, width, section, client)
  await walk(table.main, rows, width, section, client)
  if (table.replaced.length === 0) return
  if (!rows.values().some((row) => table.replaced.some((at) => at >= 0 && !row[at]))) return
  const standIns: Rows = new Map()
  try {
    await client.walkColumns(table.standIns.oids, standIns, section.walking)
  } finally {
    for (const [index, row] of standIns) {
      for (const [i, position] of table.standIns.positions.entries()) {
        // Where the 64-bit counter is there, that is the one.
        const replaced = rows.get(index)?.[table.replaced[i] ?? -1]
        if (replaced === undefined) put(rows, width, { index, position }, row[i])
      }
    }
  }
}

/** Instances that GET brought, and pieces of columns: those that it didn't bring are walked. */
async function readCells(
  { instances, parts }: Pick<Table, 'instances' | 'parts'>,
  width: number,
  rows: Rows,
  { walking }: Section,
  { client, got }: Asked,
): Promise<void> {
  for (const cell of instances) put(rows, width, cell, got.get(cell.oid))
  for (const { oid, index, position } of parts) {
    const value = got.get(oid)
    if (value !== undefined) {
      put(rows, width, { index, position }, value)
      continue
    }
    const under: Rows = new Map()
    await client.walkColumns([oid], under, walking)
    for (const [rest, [cell]] of under) {
      put(rows, width, { index: `${index}.${rest}`, position }, cell)
    }
  }
}

async function walk(
  { oids, positions }: Walked,
  rows: Rows,
  width: number,
  { walking }: Section,
  client: SnmpClient,
): Promise<void> {
  if (oids.length === 0) return
  // The usual case, with nothing to be moved.
  if (rows.size === 0 && positions.every((position, i) => position === i)) {
    return client.walkColumns(oids, rows, walking)
  }
  const walked: Rows = new Map()
  try {
    await client.walkColumns(oids, walked, walking)
  } finally {
    for (const [index, row] of walked) {
      for (const [i, position] of positions.entries()) {
        put(rows, width, { index, position }, row[i])
      }
    }
  }
}

async function readFilter(
  { oid, values }: DynamicFilter,
  { walking }: Section,
  client: SnmpClient,
): Promise<string[]> {
  const rows: Rows = new Map()
  await client.walkColumns([oid], rows, walking)
  return [...rows].flatMap(([index, [cell]]) =>
    cell !== undefined && values.some((value) => value.test(textOf(cell, 'DisplayString')))
      ? [index]
      : [],
  )
}

/** Finds the cells of this poll by column and row. */
export function valuesOf(
  { places }: Section,
  { tables, labels }: Cells,
  got: ReadonlyMap<string, Varbind>,
): ValueAt {
  return (oid, index) => {
    const place = places.get(oid)
    const rows = place && (place.in === 'tables' ? tables : labels)[place.group]
    return rows?.get(index)?.[place?.position ?? -1] ?? got.get(`${oid}.${index}`)
  }
}

function put(
  rows: Rows,
  width: number,
  { index, position }: { index: string; position: number },
  cell: Cell | undefined,
): void {
  if (cell === undefined) return
  let row = rows.get(index)
  if (row === undefined) {
    row = Array.from({ length: width }, () => undefined)
    rows.set(index, row)
  }
  row[position] = cell
}

export function rowsAt(all: readonly Rows[], i: number): Rows {
  const rows = all[i]
  if (rows === undefined) throw new RangeError(`no rows at ${i}`)
  return rows
}

function inAll(lists: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = lists
  return first.filter((each) => others.every((list) => list.includes(each)))
}
