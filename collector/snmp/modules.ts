/**
 * What to ask an agent, as values. Metrics have the names, types and index labels that snmp_exporter gives them, so its
 * dashboards and rules work. A number becomes a sample, a text a label: never the other way round.
 */
export type SnmpModule = {
  readonly scalars: readonly Scalar[]
  readonly tables: readonly Table[]
}

export type Scalar = {
  readonly name: string
  readonly oid: string
  /** `number`: a metric of its own; `text`: a label of `device_info`. */
  readonly as: 'number' | 'text'
}

export type Table = {
  readonly name: string
  readonly indexLabel: string
  readonly metrics: readonly MetricColumn[]
  /** Read seldom: a table's texts are most of its bytes and hardly change. */
  readonly labels: readonly Column[]
}

export type Column = { readonly name: string; readonly oid: string }

/** `narrow` is the 32-bit counter that stands in where an agent, or a row of it, has no 64-bit one. */
export type MetricColumn = Column & { readonly narrow?: Column }

const SYSTEM = '1.3.6.1.2.1.1'
const IF_ENTRY = '1.3.6.1.2.1.2.2.1'
const IF_X_ENTRY = '1.3.6.1.2.1.31.1.1.1'

const MODULES = {
  /** SNMPv2-MIB. sysUpTime is in hundredths of a second, as in snmp_exporter. */
  system: {
    scalars: [
      { name: 'sysDescr', oid: `${SYSTEM}.1.0`, as: 'text' },
      { name: 'sysObjectID', oid: `${SYSTEM}.2.0`, as: 'text' },
      { name: 'sysUpTime', oid: `${SYSTEM}.3.0`, as: 'number' },
      { name: 'sysName', oid: `${SYSTEM}.5.0`, as: 'text' },
      { name: 'ifNumber', oid: '1.3.6.1.2.1.2.1.0', as: 'number' },
    ],
    tables: [],
  },
  /** IF-MIB (RFC 2863). */
  if_mib: {
    scalars: [],
    tables: [
      {
        name: 'ifTable',
        indexLabel: 'ifIndex',
        labels: [
          { name: 'ifName', oid: `${IF_X_ENTRY}.1` },
          { name: 'ifAlias', oid: `${IF_X_ENTRY}.18` },
          { name: 'ifDescr', oid: `${IF_ENTRY}.2` },
        ],
        metrics: [
          { name: 'ifAdminStatus', oid: `${IF_ENTRY}.7` },
          { name: 'ifOperStatus', oid: `${IF_ENTRY}.8` },
          {
            name: 'ifHCInOctets',
            oid: `${IF_X_ENTRY}.6`,
            narrow: { name: 'ifInOctets', oid: `${IF_ENTRY}.10` },
          },
          {
            name: 'ifHCOutOctets',
            oid: `${IF_X_ENTRY}.10`,
            narrow: { name: 'ifOutOctets', oid: `${IF_ENTRY}.16` },
          },
          {
            name: 'ifHCInUcastPkts',
            oid: `${IF_X_ENTRY}.7`,
            narrow: { name: 'ifInUcastPkts', oid: `${IF_ENTRY}.11` },
          },
          {
            name: 'ifHCOutUcastPkts',
            oid: `${IF_X_ENTRY}.11`,
            narrow: { name: 'ifOutUcastPkts', oid: `${IF_ENTRY}.17` },
          },
          { name: 'ifInErrors', oid: `${IF_ENTRY}.14` },
          { name: 'ifOutErrors', oid: `${IF_ENTRY}.20` },
          { name: 'ifInDiscards', oid: `${IF_ENTRY}.13` },
          { name: 'ifOutDiscards', oid: `${IF_ENTRY}.19` },
          { name: 'ifHighSpeed', oid: `${IF_X_ENTRY}.15` },
        ],
      },
    ],
  },
} as const satisfies Record<string, SnmpModule>

/** Labels that SNMP may give `device_info`. */
export const SNMP_TEXT_NAMES: readonly string[] = Object.values(MODULES)
  .flatMap((module): readonly Scalar[] => module.scalars)
  .filter(({ as }) => as === 'text')
  .map(({ name }) => name)

const byName: ReadonlyMap<string, SnmpModule> = new Map(Object.entries(MODULES))

/** What `snmp.modules` of a device may name. */
export const SNMP_MODULE_NAMES: readonly string[] = [...byName.keys()]

/** The modules of these names; names that there are none of were refused with the configuration. */
export const modulesNamed = (names: readonly string[]): SnmpModule[] =>
  names.flatMap((name) => byName.get(name) ?? [])
