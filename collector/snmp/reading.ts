import type { DeviceText, DynamicFilter, Metric } from './module.ts'
import type { WalkOptions } from './protocol/client.ts'
import type { NumberReader } from './values/metric.ts'

/** What a poll reads of the modules of a device: made once for each set of modules, shared by all devices with it. */
export type Reading = {
  /** Instances for GET, of all modules; sysUpTime is the first. */
  readonly gets: readonly string[]
  readonly sections: readonly Section[]
  readonly texts: readonly DeviceText[]
  /** What the most patient module wants; null: none says. */
  readonly retries: number | null
  readonly timeoutMs: number | null
  /** Some module takes answers from another address. */
  readonly anySource: boolean
}

/** What one module reads beyond GET. */
export type Section = {
  readonly name: string
  /** Nothing is asked for beyond GET. */
  readonly isDirect: boolean
  readonly walking: WalkOptions
  readonly tables: readonly Table[]
  /** Columns that only name rows: read seldom. */
  readonly labels: readonly LabelGroup[]
  readonly filters: readonly DynamicFilter[]
  /** Where a column's cells are, by its OID. */
  readonly places: ReadonlyMap<string, Place>
}

/** Metrics whose rows have the same labels: those of one table, or of several with the same index; or the scalars. */
export type Table = {
  readonly key: string
  /** Any of its metrics: their rows are named alike. */
  readonly metric: Metric
  readonly columns: readonly Column[]
  /** Walked in each poll. */
  readonly main: Walked
  /** 32-bit counters, walked where 64-bit ones are missing. */
  readonly standIns: Walked
  /** What v1, which has no 64-bit counters, walks in place of `main`. */
  readonly v1: Walked
  /** Positions of the columns that `standIns` stand in for, in their order; -1: it isn't read. */
  readonly replaced: readonly number[]
  /** Among `gets`. */
  readonly instances: readonly Cell[]
  /** Pieces of a column: instances (then they are among `gets`) or the rows under `index`. */
  readonly parts: readonly Cell[]
  readonly filtered: readonly FilteredColumn[]
  /** All its rows, where GET brings all of it and all of it is plain numbers; null: it takes more than that. */
  readonly direct: readonly DirectRow[] | null
  /** Rows have labels beside their index that other columns tell. */
  readonly hasLookups: boolean
  /** Some of those columns are metrics, too. */
  readonly isNamedByTables: boolean
}

/** A row of a table that GET brings whole. */
export type DirectRow = {
  readonly index: string
  readonly cells: readonly {
    readonly oid: string
    readonly name: string
    readonly read: NumberReader
  }[]
}

export type Column = {
  readonly oid: string
  /** Null: read for another column's sake. */
  readonly metric: Metric | null
  /** Its number, where that is all that the metric is. */
  readonly readNumber: NumberReader | null
}

/** Columns side by side: `oids[i]` belongs to column `positions[i]` of its table. */
export type Walked = { readonly oids: readonly string[]; readonly positions: readonly number[] }

export type Cell = { readonly oid: string; readonly position: number; readonly index: string }

/** A column of which the rows alone are read that all of these filters let through. */
export type FilteredColumn = {
  readonly oid: string
  readonly position: number
  /** Places in the section's `filters`. */
  readonly filters: readonly number[]
}

export type LabelGroup = {
  /** Columns that are walked, at positions 0 and up. */
  readonly oids: readonly string[]
  readonly parts: readonly Cell[]
  readonly instances: readonly Cell[]
  /** Columns in all. */
  readonly width: number
}

export type Place = {
  readonly in: 'tables' | 'labels'
  /** Which of them. */
  readonly group: number
  readonly position: number
}
