import {
  DEFAULT_SETTINGS,
  type DeviceText,
  type DynamicFilter,
  type Index,
  type Lookup,
  type Metric,
  type Regex,
  type SnmpModule,
} from '../module.ts'

/** What a module is put together from. */
export type Part = {
  readonly walk?: readonly string[]
  readonly get?: readonly string[]
  readonly metrics?: readonly Metric[]
  readonly filters?: readonly DynamicFilter[]
  readonly texts?: readonly DeviceText[]
}

/** An object of a MIB: its number under the parent that is named once for all of them, and what it says. */
export type MibObject = { readonly at: number } & Omit<
  Metric,
  'name' | 'oid' | 'indexes' | 'lookups'
>

/** A column that names the rows: a number under the table's entry, or the whole OID of another table's column. */
export type LabelColumn = {
  readonly at: number | string
  readonly type: 'DisplayString' | 'OctetString' | 'gauge'
  /** The labels that make its index; all of the table's unless told. */
  readonly by?: readonly string[]
}

export type TableParts = {
  readonly entry: string
  /** Labels of the index, in order; a number each unless told otherwise. */
  readonly index: string | readonly (string | Index)[]
  readonly columns: Readonly<Record<string, MibObject>>
  readonly labels?: Readonly<Record<string, LabelColumn>>
  /** Only rows whose cell in this column matches are read, by GET: for tables with many rows that say nothing. */
  readonly rowsWhere?: { readonly at: number; readonly matches: Regex }
}

/** One module; parts that overlap (two tables with the same labels) are asked for once. */
export function defineModule(name: string, ...parts: readonly Part[]): SnmpModule {
  return {
    name,
    walk: distinct(parts.flatMap(({ walk = [] }) => walk)),
    get: distinct(parts.flatMap(({ get = [] }) => get)),
    metrics: parts.flatMap(({ metrics = [] }) => metrics),
    texts: parts.flatMap(({ texts = [] }) => texts),
    filters: parts.flatMap(({ filters = [] }) => filters),
    settings: DEFAULT_SETTINGS,
  }
}

/** Single numbers under one parent: their instances end in .0. */
export function scalars(parent: string, objects: Readonly<Record<string, MibObject>>): Part {
  const metrics = metricsOf(parent, objects)
  return { get: metrics.map(({ oid }) => `${oid}.0`), metrics }
}

/** Single texts under one parent: labels of `device_info`. */
export function deviceTexts(parent: string, objects: Readonly<Record<string, number>>): Part {
  const texts = Object.entries(objects).map(([name, at]) => ({ name, oid: `${parent}.${at}.0` }))
  return { get: texts.map(({ oid }) => oid), texts }
}

/** Columns of one table, and the columns that name its rows: nothing else of it is read. */
export function table({ entry, index, columns, labels = {}, rowsWhere }: TableParts): Part {
  const indexes = [index].flat().map((each) => (typeof each === 'string' ? integer(each) : each))
  const lookups = Object.entries(labels).map(([labelName, { at, type, by }]): Lookup => ({
    labels: by ?? indexes.map((each) => each.labelName),
    labelName,
    oid: typeof at === 'string' ? at : `${entry}.${at}`,
    type,
  }))
  const metrics = metricsOf(entry, columns).map((metric) => ({ ...metric, indexes, lookups }))
  const walk = [...metrics, ...lookups].flatMap(({ oid }) => oid ?? [])
  const filter = rowsWhere && {
    oid: `${entry}.${rowsWhere.at}`,
    targets: metrics.map(({ oid }) => oid),
    values: [rowsWhere.matches],
  }
  return { walk, metrics, ...(filter && { filters: [filter] }) }
}

type More = Pick<Metric, 'scale' | 'standsInFor'>

export const gauge = (at: number, help: string, more: More = {}): MibObject => ({
  at,
  type: 'gauge',
  help,
  ...more,
})

export const counter = (at: number, help: string, more: More = {}): MibObject => ({
  at,
  type: 'counter',
  help,
  ...more,
})

/** One number of a known few: the sample keeps the number, the help says the names. */
export function state(
  at: number,
  help: string,
  enumValues: Readonly<Record<number, string>>,
): MibObject {
  const names = Object.entries(enumValues).map(([value, name]) => `${value} ${name}`)
  return { at, type: 'gauge', help: `${help}: ${names.join(', ')}`, enumValues }
}

/** A number that the agent writes as a text, with or without a unit behind it: "43.5", "23C". */
export const numberInText = (at: number, help: string): MibObject => ({
  at,
  type: 'DisplayString',
  help,
  regexExtracts: { '': [{ regex: /^\s*(-?\d+(?:\.\d+)?).*$/s, value: '$1' }] },
})

/** A series for each bit, 0 or 1, with the bit's name in a label that is called like the metric. */
export const bits = (
  at: number,
  help: string,
  enumValues: Readonly<Record<number, string>>,
): MibObject => ({ at, type: 'Bits', help, enumValues })

export const text = (at: number | string, by?: readonly string[]): LabelColumn => ({
  at,
  type: 'DisplayString',
  ...(by && { by }),
})

/** A label that is a number, or an OBJECT IDENTIFIER, in the agent. */
export const number = (at: number | string): LabelColumn => ({ at, type: 'gauge' })
export const objectId = (at: number | string): LabelColumn => ({ at, type: 'OctetString' })

/** An index that is a text, with its length in front. */
export const textIndex = (labelName: string): Index => ({
  ...integer(labelName),
  type: 'DisplayString',
})

function integer(labelName: string): Index {
  return { labelName, type: 'gauge', fixedSize: null, implied: false }
}

function metricsOf(parent: string, objects: Readonly<Record<string, MibObject>>): Metric[] {
  return Object.entries(objects).map(([name, { at, ...rest }]) => ({
    name,
    oid: `${parent}.${at}`,
    ...rest,
  }))
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]
