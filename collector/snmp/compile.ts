import type { WalkOptions } from './protocol/client.ts'
import type { DeviceText, DynamicFilter, Metric, SnmpModule } from './module.ts'
import { type NumberReader, columnsNeeded, plainReader } from './values/metric.ts'
import { indexUnder } from './protocol/oid.ts'

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

export const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0'

export function compileModules(modules: readonly SnmpModule[]): Reading {
  const gets = new Set([SYS_UP_TIME])
  const texts = modules.flatMap((module) => module.texts)
  for (const { oid } of texts) gets.add(oid)
  const sections = modules.map((module) => compileModule(module, gets))
  const settings = modules.map((module) => module.settings)
  return {
    gets: [...gets],
    sections,
    texts,
    retries: most(settings.map(({ retries }) => retries)),
    timeoutMs: most(settings.map(({ timeoutMs }) => timeoutMs)),
    anySource: settings.some(({ anySource }) => anySource),
  }
}

/** How a module gets at a column. */
type Source = {
  /** The whole column is walked. */
  readonly isWalked: boolean
  /** Pieces of it are walked. */
  readonly parts: readonly Piece[]
  /** Instances of it are read by GET. */
  readonly instances: readonly Piece[]
  /** The filters that pick its rows. */
  readonly filters: readonly number[]
}
type Piece = { readonly oid: string; readonly index: string }

const most = (values: readonly (number | null)[]): number | null =>
  values.reduce((a, b) => (a === null ? b : b === null ? a : Math.max(a, b)), null)

function compileModule(module: SnmpModule, gets: Set<string>): Section {
  const sourceOf = sourcesOf(module)
  const metrics = readableMetrics(module).filter(({ oid }) => isRead(sourceOf(oid)))
  const oids = new Set(metrics.map(({ oid }) => oid))
  const places = new Map<string, Place>()
  const tables = [...byRowShape(metrics)].map(([shape, group], table) => {
    const helpers = group.flatMap(besidesLookups).filter((oid) => !oids.has(oid))
    const made = compileTable(shape, group, { helpers: new Set(helpers), oids, sourceOf })
    for (const [position, { oid }] of made.columns.entries()) {
      places.set(oid, { in: 'tables', group: table, position })
    }
    return made
  })
  const labels = compileLabels(metrics, places, sourceOf)
  for (const { instances, parts } of [...tables, ...labels]) {
    for (const { oid } of [...instances, ...parts]) gets.add(oid)
  }
  return {
    name: module.name,
    isDirect: tables.every(({ direct }) => direct !== null),
    walking: {
      maxRepetitions: module.settings.maxRepetitions,
      allowNonIncreasing: module.settings.allowNonIncreasingOids,
    },
    tables,
    labels,
    filters: module.filters,
    places,
  }
}

function compileTable(
  key: string,
  metrics: readonly [Metric, ...Metric[]],
  {
    helpers,
    oids,
    sourceOf,
  }: {
    /** Columns that its own are read with. */
    helpers: ReadonlySet<string>
    /** Those of all metrics of the module. */
    oids: ReadonlySet<string>
    sourceOf: (oid: string) => Source
  },
): Table {
  const [metric] = metrics
  const { indexes = [], lookups = [] } = metric
  const hasRows = indexes.length > 0
  // Those of `main` first, so that its rows are the table's own.
  const rank = ({ oid, metric }: Column): number =>
    !hasRows || !sourceOf(oid).isWalked ? 2 : metric?.standsInFor === undefined ? 0 : 1
  const columns: Column[] = [
    ...metrics.map((metric) => ({ oid: metric.oid, metric, readNumber: plainReader(metric) })),
    ...[...helpers].map((oid) => ({ oid, metric: null, readNumber: null })),
  ].sort((a, b) => rank(a) - rank(b))
  const all = columns.map(({ oid, metric }, position) => ({
    oid,
    position,
    metric,
    ...sourceOf(oid),
  }))
  const walked = all.filter(({ isWalked }) => isWalked && hasRows)
  const replaced = new Set(metrics.flatMap(({ standsInFor }) => standsInFor ?? []))
  const standIns = walked.filter(({ metric }) => metric?.standsInFor !== undefined)
  const table = {
    key,
    metric,
    columns,
    main: sideBySide(walked.filter((column) => !standIns.includes(column))),
    standIns: sideBySide(standIns),
    v1: sideBySide(walked.filter(({ metric }) => !replaced.has(metric?.name ?? ''))),
    replaced: standIns.map(({ metric }) =>
      columns.findIndex((column) => column.metric?.name === metric?.standsInFor),
    ),
    instances: all.flatMap(({ oid, position, isWalked, instances }) => [
      ...(isWalked && !hasRows ? [{ oid: `${oid}.0`, index: '0', position }] : []),
      ...instances.map((piece) => ({ ...piece, position })),
    ]),
    parts: all.flatMap(({ position, isWalked, parts }) =>
      isWalked ? [] : parts.map((piece) => ({ ...piece, position })),
    ),
    filtered: all.flatMap(({ oid, position, filters }) =>
      filters.length === 0 ? [] : [{ oid, position, filters }],
    ),
    hasLookups: lookups.length > 0,
    isNamedByTables: lookups.some(({ oid }) => oid !== null && oids.has(oid)),
  }
  return { ...table, direct: directRows(table) }
}

/** The rows of a table that nothing is walked or looked up for; null for any other. */
function directRows({
  columns,
  main,
  standIns,
  parts,
  filtered,
  instances,
  hasLookups,
}: Omit<Table, 'direct'>): DirectRow[] | null {
  const isWalked = [main.oids, standIns.oids, parts, filtered].some(({ length }) => length > 0)
  if (isWalked || hasLookups) return null
  const rows = new Map<string, DirectRow['cells'][number][]>()
  for (const { oid, index, position } of instances) {
    const { metric = null, readNumber = null } = columns[position] ?? {}
    if (metric === null || readNumber === null) return null
    const cell = { oid, name: metric.name, read: readNumber }
    const row = rows.get(index)
    if (row === undefined) rows.set(index, [cell])
    else row.push(cell)
  }
  return [...rows].map(([index, cells]) => ({ index, cells }))
}

/** Lookups whose columns no table reads, those of the same index side by side. */
function compileLabels(
  metrics: readonly Metric[],
  places: Map<string, Place>,
  sourceOf: (oid: string) => Source,
): LabelGroup[] {
  const lookups = metrics.flatMap(({ lookups: some = [] }) => some)
  const groups: LabelGroup[] = []
  for (const some of Map.groupBy(lookups, ({ labels }) => labels.join()).values()) {
    const oids = [...new Set(some.flatMap(({ oid }) => oid ?? []))].filter(
      (oid) => !places.has(oid) && isRead(sourceOf(oid)),
    )
    // A name that a filter picks rows of is read of all rows: it is read seldom.
    const isWhole = (oid: string): boolean => {
      const { isWalked, filters } = sourceOf(oid)
      return isWalked || filters.length > 0
    }
    const whole = oids.filter(isWhole)
    const pieced = oids.filter((oid) => !isWhole(oid))
    if (oids.length === 0) continue
    for (const [position, oid] of [...whole, ...pieced].entries()) {
      places.set(oid, { in: 'labels', group: groups.length, position })
    }
    const pieces = (kind: 'parts' | 'instances') =>
      pieced.flatMap((oid, i) =>
        sourceOf(oid)[kind].map((piece) => ({ ...piece, position: whole.length + i })),
      )
    const group = { oids: whole, parts: pieces('parts'), instances: pieces('instances') }
    groups.push({ ...group, width: oids.length })
  }
  return groups
}

function sourcesOf({ walk, get, filters }: SnmpModule): (oid: string) => Source {
  const filtersOf = (oid: string): number[] =>
    filters.flatMap(({ targets }, i) => (targets.includes(oid) ? [i] : []))
  const wholes = walk.filter((oid) => filtersOf(oid).length === 0)
  return (oid) => {
    const isWalked = wholes.some((base) => base === oid || indexUnder(oid, base) !== null)
    const filters = isWalked ? [] : filtersOf(oid)
    return {
      isWalked,
      parts: piecesUnder(oid, wholes),
      // Of a filter's target no row is read that it doesn't let through.
      instances: filters.length > 0 ? [] : piecesUnder(oid, get),
      filters,
    }
  }
}

function piecesUnder(base: string, oids: readonly string[]): Piece[] {
  return oids.flatMap((oid) => {
    const index = indexUnder(oid, base)
    return index === null ? [] : [{ oid, index }]
  })
}

const isRead = ({ isWalked, ...other }: Source): boolean =>
  isWalked || [other.parts, other.instances, other.filters].some(({ length }) => length > 0)

/** Of two metrics of one object the later counts, and none under the object of another one, as in snmp_exporter. */
function readableMetrics({ metrics }: SnmpModule): Metric[] {
  const byOid = new Map(metrics.map((metric) => [metric.oid, metric]))
  return [...byOid.values()].filter(({ oid }) => {
    const parts = oid.split('.')
    return !parts.some((_, length) => length > 0 && byOid.has(parts.slice(0, length).join('.')))
  })
}

/** By what decides a row's labels: metrics that share it share their rows. */
function byRowShape(metrics: readonly Metric[]): Map<string, [Metric, ...Metric[]]> {
  const groups = new Map<string, [Metric, ...Metric[]]>()
  for (const metric of metrics) {
    const { indexes = [], lookups = [] } = metric
    const shape = JSON.stringify([indexes, lookups])
    const group = groups.get(shape)
    if (group === undefined) groups.set(shape, [metric])
    else group.push(metric)
  }
  return groups
}

const besidesLookups = (metric: Metric): string[] => {
  const lookups = new Set((metric.lookups ?? []).map(({ oid }) => oid))
  return columnsNeeded(metric).filter((oid) => !lookups.has(oid))
}

const sideBySide = (columns: readonly { oid: string; position: number }[]): Walked => ({
  oids: columns.map(({ oid }) => oid),
  positions: columns.map(({ position }) => position),
})
