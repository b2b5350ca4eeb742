import { stringify } from 'yaml'
import { formatDuration } from '../../../lib/duration.ts'
import type { Index, Lookup, Metric, MetricType, SnmpModule } from '../module.ts'

/**
 * Modules as a snmp.yml that snmp_exporter 0.21 reads. What it has no word for is left out: texts of `device_info`,
 * stand-ins, scale and offset, display hints, dynamic filters (their targets are walked whole), types of later versions.
 */
export function exportSnmpYml(modules: readonly SnmpModule[]): string {
  const byName = Object.fromEntries(modules.map((module) => [module.name, moduleOf(module)]))
  return stringify(byName, { aliasDuplicateObjects: false, lineWidth: 0 })
}

function moduleOf({ walk, get, metrics, settings }: SnmpModule): object {
  const { maxRepetitions, retries, timeoutMs } = settings
  return {
    ...(walk.length > 0 && { walk }),
    ...(get.length > 0 && { get }),
    metrics: metrics.filter(({ type }) => !LATER.has(type)).map(metricOf),
    ...(maxRepetitions !== null && { max_repetitions: maxRepetitions }),
    ...(retries !== null && { retries }),
    ...(timeoutMs !== null && { timeout: formatDuration(timeoutMs) }),
    ...(settings.allowNonIncreasingOids && { allow_nonincreasing_oids: true }),
    ...(settings.anySource && { use_unconnected_udp_socket: true }),
  }
}

const LATER: ReadonlySet<MetricType> = new Set(['ParseDateAndTime', 'NTPTimeStamp'])

function metricOf(metric: Metric): object {
  const { name, oid, type, help = name, indexes = [], lookups = [] } = metric
  return {
    name,
    oid,
    type,
    help,
    ...(indexes.length > 0 && { indexes: indexes.map(indexOf) }),
    ...(lookups.length > 0 && { lookups: lookups.map(lookupOf) }),
    ...(metric.regexExtracts !== undefined && { regex_extracts: extractsOf(metric) }),
    ...enumOf(metric),
  }
}

const indexOf = (index: Index): object => ({
  labelname: index.labelName,
  type: index.type,
  ...(index.fixedSize !== null && { fixed_size: index.fixedSize }),
  ...(index.implied && { implied: true }),
  ...enumOf(index),
})

const lookupOf = ({ labels, labelName, oid, type }: Lookup): object =>
  oid === null ? { labels: [], labelname: labelName } : { labels, labelname: labelName, oid, type }

/** As a map of numbers: a text is no key of an enumeration to the exporter. */
const enumOf = ({ enumValues }: Pick<Metric, 'enumValues'>): object =>
  enumValues === undefined
    ? {}
    : {
        enum_values: new Map(
          Object.entries(enumValues).map(([number, state]) => [Number(number), state]),
        ),
      }

/** The exporter anchors them itself. */
const extractsOf = ({ regexExtracts = {} }: Metric): object =>
  Object.fromEntries(
    Object.entries(regexExtracts).map(([suffix, extracts]) => [
      suffix,
      extracts.map(({ regex, value }) => ({ regex: regex.source, value })),
    ]),
  )
