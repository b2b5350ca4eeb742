import type { Metric, SnmpModule } from './module.ts'
import type {
  Column,
  DirectRow,
  LabelGroup,
  Place,
  Reading,
  Section,
  Table,
  Walked,
} from './reading.ts'
import { columnsNeeded, plainReader } from './values/metric.ts'
import { indexUnder } from './protocol/oid.ts'

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
