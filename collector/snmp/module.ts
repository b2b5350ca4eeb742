/**
 * What to ask an agent and what to make of the answers, as snmp_exporter's generator writes it in snmp.yml: one shape
 * for the modules that wardline has built in and for those that a user brings. OIDs have no leading dot.
 */
export type SnmpModule = {
  readonly name: string
  /** Subtrees, columns or single instances to be walked. */
  readonly walk: readonly string[]
  /** Instances to be read. */
  readonly get: readonly string[]
  readonly metrics: readonly Metric[]
  readonly filters: readonly DynamicFilter[]
  readonly settings: ModuleSettings
  /** Texts that become labels of `device_info`: wardline's own, snmp.yml has no such thing. */
  readonly texts: readonly DeviceText[]
}

/** Null: left to wardline. */
export type ModuleSettings = {
  readonly maxRepetitions: number | null
  /** Requests after the first one that isn't answered. */
  readonly retries: number | null
  /** Wait for one answer. */
  readonly timeoutMs: number | null
  readonly allowNonIncreasingOids: boolean
  /** Answers may come from another address than the one that was asked. */
  readonly anySource: boolean
}

export const DEFAULT_SETTINGS: ModuleSettings = {
  maxRepetitions: null,
  retries: null,
  timeoutMs: null,
  allowNonIncreasingOids: false,
  anySource: false,
}

export type DeviceText = { readonly name: string; readonly oid: string }

export type Metric = {
  readonly name: string
  /** Of the object: instances follow under it. */
  readonly oid: string
  readonly type: MetricType
  readonly help?: string
  readonly indexes?: readonly Index[]
  readonly lookups?: readonly Lookup[]
  /** By the suffix of the metric's name. */
  readonly regexExtracts?: Readonly<Record<string, readonly RegexExtract[]>>
  readonly enumValues?: Readonly<Record<number, string>>
  readonly dateTimePattern?: string
  readonly displayHint?: string
  readonly scale?: number
  readonly offset?: number
  /**
   * The metric that this 32-bit counter stands in for, where an agent or a row has no 64-bit one: it is asked for then
   * alone. wardline's own.
   */
  readonly standsInFor?: string
}

/** Types of a value, and of the index that it may be. */
export const METRIC_TYPES = [
  'gauge',
  'counter',
  'OctetString',
  'DateAndTime',
  'ParseDateAndTime',
  'NTPTimeStamp',
  'DisplayString',
  'PhysAddress48',
  'Float',
  'Double',
  'InetAddressIPv4',
  'InetAddressIPv6',
  'InetAddress',
  'InetAddressMissingSize',
  'LldpPortId',
  'EnumAsInfo',
  'EnumAsStateSet',
  'Bits',
] as const

export type MetricType = (typeof METRIC_TYPES)[number]

export type Index = {
  readonly labelName: string
  readonly type: string
  /** Sub-identifiers that the index takes; null: as its type says. */
  readonly fixedSize: number | null
  /** The last index, a text without its length in front. */
  readonly implied: boolean
  readonly enumValues?: Readonly<Record<number, string>>
  readonly displayHint?: string
}

/** A label from another column of the same row; without `oid` the label is taken away. */
export type Lookup = {
  /** The labels whose indexes make the other column's index, in order. None: the label is taken away. */
  readonly labels: readonly string[]
  readonly labelName: string
  readonly oid: string | null
  readonly type: string
  readonly enumValues?: Readonly<Record<number, string>>
  readonly displayHint?: string
}

export type RegexExtract = { readonly regex: Regex; readonly value: string }

/** A compiled regular expression: one of JavaScript's, or one of snmp.yml in Go's syntax (snmp-yml/regex.ts). */
export type Regex = {
  /** As it was written. */
  readonly source: string
  test(text: string): boolean
  exec(text: string): RegexMatch | null
}

/** The match and its groups. */
export type RegexMatch = readonly (string | undefined)[] & {
  readonly groups?: Readonly<Record<string, string | undefined>> | undefined
}

/** Reads the column of `oid` first, and of `targets` those rows only whose value there matches one of `values`. */
export type DynamicFilter = {
  readonly oid: string
  readonly targets: readonly string[]
  readonly values: readonly Regex[]
}
