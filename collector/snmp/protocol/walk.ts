import { SnmpError } from './error.ts'
import { compareOids, indexUnder } from './oid.ts'
import { type Cell, type Varbind, isAbsent } from './varbind.ts'

/** Cells of a table by index under the column (`1`, `4.97.98`), in the order of its columns; undefined where a row has none. */
export type Rows = Map<string, (Cell | undefined)[]>

/** Columns walked side by side, as far as they have come. A column may as well be a whole subtree. */
export type Walk = {
  /** The OIDs to ask for what follows them, of so many columns at most; empty once every column has ended. */
  next(most: number): string[]
  /**
   * The cells that came for each OID of `next()`, in their order. No cell at all ends those columns. Throws SnmpError
   * `protocol` when a column doesn't move on: such an agent would be asked for ever.
   */
  take(answers: readonly (readonly Varbind[])[]): void
  /** Ends the column that the agent refused to go on with; false when it can't be told which. */
  end(oid: string | null): boolean
}

/** `index` is null before the first cell. */
type Column = {
  readonly position: number
  readonly base: string
  last: string
  index: string | null
}

export function startWalk(
  columns: readonly string[],
  rows: Rows,
  { allowNonIncreasing = false }: { allowNonIncreasing?: boolean } = {},
): Walk {
  let active = columns.map((base, position): Column => ({
    position,
    base,
    last: base,
    index: null,
  }))
  /** The columns of the last `next()`. */
  let asked = 0

  /** False when the column ended. */
  function takeCell(column: Column, cell: Varbind): boolean {
    if (isAbsent(cell)) return false
    const index = indexUnder(cell.oid, column.base)
    if (index === null) return false
    let row = rows.get(index)
    if (column.index !== null && compareOids(index, column.index) <= 0) {
      if (!allowNonIncreasing) throw circle(cell.oid, column.last)
      // What came before comes again from here.
      if (row?.[column.position] !== undefined) return false
    }
    column.last = cell.oid
    column.index = index
    if (row === undefined) {
      row = columns.map(() => undefined)
      rows.set(index, row)
    }
    // Without its OID, which would be most of what a walk keeps in memory.
    row[column.position] = { type: cell.type, value: cell.value }
    return true
  }

  function takeCells(column: Column, cells: readonly Varbind[]): boolean {
    for (const cell of cells) {
      if (!takeCell(column, cell)) return false
    }
    return true
  }

  return {
    next(most) {
      const oids: string[] = []
      for (const { last } of active) {
        if (oids.length === most) break
        oids.push(last)
      }
      asked = oids.length
      return oids
    },
    take(answers) {
      const isEmpty = answers.every((cells) => cells.length === 0)
      active = active.filter(
        (column, i) => i >= asked || (!isEmpty && takeCells(column, answers[i] ?? [])),
      )
    },
    end(oid) {
      const ended =
        asked === 1 ? active[0] : active.slice(0, asked).find(({ last }) => last === oid)
      active = active.filter((column) => column !== ended)
      return ended !== undefined
    },
  }
}

const circle = (oid: string, last: string): SnmpError =>
  new SnmpError('protocol', `the agent goes in a circle: ${oid} after ${last}`)
