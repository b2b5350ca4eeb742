import { SnmpError } from './error.ts'
import { compareOids, indexUnder } from './oid.ts'
import { type SnmpValue, type Varbind, decodeValue, isAbsent } from './values.ts'

/** Cells of a table by index, in the order of its columns; undefined where a row has none. */
export type Rows = Map<string, (SnmpValue | undefined)[]>

/** Columns walked side by side, as far as they have come. */
export type Walk = {
  /** The OIDs to ask for what follows them; empty once every column has ended. */
  next(): string[]
  /**
   * The cells that came for each OID of `next()`, in their order. No cell at all ends the walk. Throws SnmpError
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

/** Walks those of the columns that stand at `positions`; rows get a place for each of the columns. */
export function startWalk(
  columns: readonly string[],
  positions: readonly number[],
  rows: Rows,
): Walk {
  let active: Column[] = positions.map((position) => {
    const base = columns[position] ?? ''
    return { position, base, last: base, index: null }
  })

  /** False when the column ended. */
  function takeCell(column: Column, cell: Varbind): boolean {
    if (isAbsent(cell)) return false
    const index = indexUnder(cell.oid, column.base)
    if (index === null) return false
    if (column.index !== null && compareOids(index, column.index) <= 0) {
      throw new SnmpError(
        'protocol',
        `the agent goes in a circle: ${cell.oid} after ${column.last}`,
      )
    }
    column.last = cell.oid
    column.index = index
    let row = rows.get(index)
    if (row === undefined) {
      row = Array.from({ length: columns.length }, () => undefined)
      rows.set(index, row)
    }
    row[column.position] = decodeValue(cell)
    return true
  }

  return {
    next: () => active.map((column) => column.last),
    take(answers) {
      if (answers.every((cells) => cells.length === 0)) {
        active = []
        return
      }
      active = active.filter((column, i) =>
        (answers[i] ?? []).every((cell) => takeCell(column, cell)),
      )
    },
    end(oid) {
      const ended = active.length === 1 ? active[0] : active.find(({ last }) => last === oid)
      active = active.filter((column) => column !== ended)
      return ended !== undefined
    },
  }
}
