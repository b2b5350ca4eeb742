import type { Index, Lookup, Metric, SnmpModule } from '../module.ts'
import type { YmlMetric, YmlModule } from './schema.ts'

/** A checked module of snmp.yml as one of wardline's. */
export function toModule(name: string, yml: YmlModule): SnmpModule {
  return {
    name,
    walk: yml.walk,
    get: yml.get,
    metrics: yml.metrics.map(toMetric),
    filters: yml.filters,
    settings: {
      // Of 0 the exporter makes its library's own.
      maxRepetitions: yml.max_repetitions || null,
      retries: yml.retries ?? null,
      timeoutMs: yml.timeout ?? null,
      allowNonIncreasingOids: yml.allow_nonincreasing_oids ?? false,
      anySource: yml.use_unconnected_udp_socket ?? false,
    },
    texts: [],
  }
}

function toMetric(yml: YmlMetric): Metric {
  const { name, oid, type, regex_extracts: extracts = {} } = yml
  return defined({
    name,
    oid,
    type,
    help: yml.help || undefined,
    indexes: yml.indexes.length === 0 ? undefined : yml.indexes.map(toIndex),
    lookups: yml.lookups.length === 0 ? undefined : yml.lookups.map(toLookup),
    regexExtracts: Object.keys(extracts).length === 0 ? undefined : extracts,
    enumValues: yml.enum_values,
    dateTimePattern: yml.datetime_pattern,
    displayHint: yml.display_hint,
    scale: yml.scale,
    offset: yml.offset,
  })
}

const toIndex = (yml: YmlMetric['indexes'][number]): Index =>
  defined({
    labelName: yml.labelname,
    type: yml.type,
    fixedSize: yml.fixed_size || null,
    implied: yml.implied ?? false,
    enumValues: yml.enum_values,
    displayHint: yml.display_hint,
  })

const toLookup = (yml: YmlMetric['lookups'][number]): Lookup =>
  defined({
    labels: yml.labels,
    labelName: yml.labelname,
    oid: yml.oid ?? null,
    type: yml.type,
    enumValues: yml.enum_values,
    displayHint: yml.display_hint,
  })

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Without the keys that have no value. */
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>
