import { parseDateAndTime, parseNtpTimestamp } from './date-time.ts'
import { parseDateByPattern } from './date-pattern.ts'
import { type ValueAt, columnBefore } from './index-labels.ts'
import { COMBINED_TYPES } from './index-value.ts'
import type { Metric, MetricType, RegexExtract, RegexMatch } from '../module.ts'
import { numberOf } from './number.ts'
import { textOf } from './value-text.ts'
import type { Cell } from '../protocol/varbind.ts'

/** What one binding becomes; the row's labels are added by the one who asks. */
export type Reading = {
  readonly name: string
  readonly value: number
  /** Its own alone. The same object each time for the same state of an enumeration or bit. */
  readonly labels?: Readonly<Record<string, string>>
}

/** Undefined when the agent gave no such value. */
export type NumberReader = (cell: Cell) => number | undefined

/**
 * How a metric that is always one number under its own name is read; null for the others. Asked for once: there are
 * millions of such cells a minute.
 */
export function plainReader(metric: Metric): NumberReader | null {
  const read = unscaledReader(metric)
  if (read === undefined || (metric.scale === undefined && metric.offset === undefined)) {
    return read ?? null
  }
  return (cell) => {
    const value = read(cell)
    return value === undefined ? undefined : scaled(metric, value)
  }
}

/** Of snmp_exporter's names, values and labels, for any type; none when the agent gave no such value. */
export function readMetric(
  metric: Metric,
  cell: Cell,
  index: string,
  valueAt: ValueAt,
): readonly Reading[] {
  if (cell.value === null) return []
  const readNumber = plainReader(metric)
  if (readNumber !== null) {
    const value = readNumber(cell)
    return value === undefined ? [] : [{ name: metric.name, value }]
  }
  if (metric.type === 'EnumAsInfo') return readInfo(metric, cell)
  if (metric.type === 'EnumAsStateSet') return readStates(metric, cell)
  if (metric.type === 'Bits') return readBits(metric, cell)
  return readText(metric, textOf(cell, kindOf(metric, index, valueAt), metric.displayHint))
}

/** The columns besides its own that its value and its labels are made from. */
export function columnsNeeded({ oid, type, lookups = [] }: Metric): readonly string[] {
  const columns = lookups.flatMap((lookup) =>
    lookup.oid === null ? [] : [lookup.oid, ...kindColumn(lookup.oid, lookup.type)],
  )
  return [...new Set([...kindColumn(oid, type), ...columns])]
}

const kindColumn = (oid: string, type: string): readonly string[] =>
  type in COMBINED_TYPES ? [columnBefore(oid)] : []

function unscaledReader({ type, dateTimePattern = '' }: Metric): NumberReader | undefined {
  if (type !== 'ParseDateAndTime') return READERS[type]
  return (cell) => parseDateByPattern(textOf(cell, 'DisplayString'), dateTimePattern)
}

const ofOctets =
  (parse: (bytes: Buffer) => number | undefined): NumberReader =>
  ({ value }) =>
    Buffer.isBuffer(value) ? parse(value) : undefined

const READERS: Readonly<Partial<Record<MetricType, NumberReader>>> = {
  gauge: numberOf,
  counter: numberOf,
  Float: numberOf,
  Double: numberOf,
  DateAndTime: ofOctets(parseDateAndTime),
  NTPTimeStamp: ofOctets(parseNtpTimestamp),
}

function scaled({ scale, offset }: Metric, value: number): number {
  const product = scale === undefined || scale === 0 ? value : value * scale
  return offset === undefined ? product : product + offset
}

/** What octets are written as: for a combined type that is in the column before. */
function kindOf({ type, oid }: Metric, index: string, valueAt: ValueAt): string {
  const kinds = COMBINED_TYPES[type]
  if (kinds === undefined) return type
  const before = valueAt(columnBefore(oid), index)
  return kinds[(before === undefined ? undefined : numberOf(before)) ?? -1] ?? 'OctetString'
}

function readText(metric: Metric, text: string): readonly Reading[] {
  const { name, regexExtracts } = metric
  if (regexExtracts !== undefined) {
    return Object.entries(regexExtracts).flatMap(([suffix, extracts]) => {
      const value = extract(text, extracts)
      return value === undefined ? [] : [{ name: name + suffix, value: scaled(metric, value) }]
    })
  }
  const value = scaled(metric, 1)
  return hasLabelOfOwnName(metric) ? [{ name, value }] : [{ name, value, labels: { [name]: text } }]
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The first that matches and gives a number counts. */
function extract(text: string, extracts: readonly RegexExtract[]): number | undefined {
  for (const { regex, value } of extracts) {
    const match = regex.exec(text)
    const filled = match === null ? '' : fillIn(value, match)
    const number = NUMBER.test(filled) ? Number(filled) : NaN
    if (Number.isFinite(number)) return number
  }
  return undefined
}

/** `$1`, `${1}`, `$name` and `$$`; of a name as much as there is counts: `$1x` is the group `1x`, not `1`. */
const fillIn = (template: string, match: RegexMatch): string =>
  template.replace(
    /\$(?:(\$)|(\w+)|\{(\w+)\})/g,
    (_, dollar?: string, bare?: string, braced?: string) => {
      if (dollar !== undefined) return dollar
      const name = bare ?? braced ?? ''
      return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? ''
    },
  )

function readInfo(metric: Metric, cell: Cell): readonly Reading[] {
  const number = numberOf(cell)
  if (number === undefined || hasLabelOfOwnName(metric)) return []
  return [{ name: `${metric.name}_info`, value: 1, labels: stateLabels(metric, number) }]
}

/** One for each state: 1 for the one that it is in, which may be an unknown one, 0 for the others. */
function readStates(metric: Metric, cell: Cell): readonly Reading[] {
  const { name, enumValues = {} } = metric
  const number = numberOf(cell)
  if (number === undefined) return []
  const labels = stateLabels(metric, number)
  const others = Object.keys(enumValues)
    .map((state) => stateLabels(metric, Number(state)))
    .filter((other) => other !== labels && other[name] !== labels[name])
  return [{ name, value: 1, labels }, ...others.map((other) => ({ name, value: 0, labels: other }))]
}

/** One for each bit that has a name; the first is the highest of the first octet (RFC 2578 §7.1.4). */
function readBits(metric: Metric, cell: Cell): readonly Reading[] {
  const octets = cell.value
  if (!Buffer.isBuffer(octets)) return []
  return Object.keys(metric.enumValues ?? {}).map((place) => {
    const bit = Number(place)
    const isSet = ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0
    return { name: metric.name, value: isSet ? 1 : 0, labels: stateLabels(metric, bit) }
  })
}

type OwnLabels = Readonly<Record<string, string>>
const states = new WeakMap<Metric, Map<number, OwnLabels>>()

/** Kept for the states that have a name: as many as the module gives. */
function stateLabels(metric: Metric, number: number): OwnLabels {
  const { name, enumValues = {} } = metric
  const state = enumValues[number]
  if (state === undefined) return { [name]: String(number) }
  let known = states.get(metric)
  if (known === undefined) states.set(metric, (known = new Map()))
  let labels = known.get(number)
  if (labels === undefined) known.set(number, (labels = { [name]: state }))
  return labels
}

/** The rows have a label of the metric's name already: it stays as it is. */
function hasLabelOfOwnName({ name, indexes = [], lookups = [] }: Metric): boolean {
  const last = lookups.findLast(({ labelName }) => labelName === name)
  if (last !== undefined) return last.oid !== null && last.labels.length > 0
  return indexes.some(({ labelName }) => labelName === name)
}
