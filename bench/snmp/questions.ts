import { stringify } from 'yaml'

/** What both sides of a comparison read of an agent, as one snmp.yml for snmp_exporter and for wardline. */
const MIB_2 = '1.3.6.1.2.1'
const IF_ENTRY = `${MIB_2}.2.2.1`
const IF_X_ENTRY = `${MIB_2}.31.1.1.1`

export const COMMUNITY = 'public'

export const V3_USER = {
  version: '3',
  user: 'bench',
  auth_protocol: 'SHA',
  auth_password: 'authentication',
  priv_protocol: 'AES',
  priv_password: 'privacy-of-bench',
} as const

/** The five of a GET: a time, an integer, a 32-bit counter, a state and a 64-bit counter. */
export const SCALARS = [
  `${MIB_2}.1.3.0`,
  `${MIB_2}.2.1.0`,
  `${IF_ENTRY}.10.1`,
  `${IF_ENTRY}.8.1`,
  `${IF_X_ENTRY}.6.1`,
] as const

const SCALAR_METRICS = [
  { name: 'sysUpTime', oid: `${MIB_2}.1.3`, type: 'gauge' },
  { name: 'ifNumber', oid: `${MIB_2}.2.1`, type: 'gauge' },
  { name: 'ifInOctets', oid: `${IF_ENTRY}.10`, type: 'counter' },
  { name: 'ifOperStatus', oid: `${IF_ENTRY}.8`, type: 'gauge' },
  { name: 'ifHCInOctets', oid: `${IF_X_ENTRY}.6`, type: 'counter' },
] as const

/** The columns that people chart: 64-bit octets and packets, errors, discards, states, speed. */
const COLUMNS = [
  { name: 'ifAdminStatus', oid: `${IF_ENTRY}.7`, type: 'gauge' },
  { name: 'ifOperStatus', oid: `${IF_ENTRY}.8`, type: 'gauge' },
  { name: 'ifInDiscards', oid: `${IF_ENTRY}.13`, type: 'counter' },
  { name: 'ifInErrors', oid: `${IF_ENTRY}.14`, type: 'counter' },
  { name: 'ifOutDiscards', oid: `${IF_ENTRY}.19`, type: 'counter' },
  { name: 'ifOutErrors', oid: `${IF_ENTRY}.20`, type: 'counter' },
  { name: 'ifHCInOctets', oid: `${IF_X_ENTRY}.6`, type: 'counter' },
  { name: 'ifHCInUcastPkts', oid: `${IF_X_ENTRY}.7`, type: 'counter' },
  { name: 'ifHCOutOctets', oid: `${IF_X_ENTRY}.10`, type: 'counter' },
  { name: 'ifHCOutUcastPkts', oid: `${IF_X_ENTRY}.11`, type: 'counter' },
  { name: 'ifHighSpeed', oid: `${IF_X_ENTRY}.15`, type: 'gauge' },
] as const

const NAMES = [
  { labelname: 'ifAlias', oid: `${IF_X_ENTRY}.18` },
  { labelname: 'ifDescr', oid: `${IF_ENTRY}.2` },
  { labelname: 'ifName', oid: `${IF_X_ENTRY}.1` },
] as const

const INDEXES = [{ labelname: 'ifIndex', type: 'gauge' }]

/** `interfaces` has the index alone as label; `named` the three texts too, as snmp_exporter's own if_mib. */
export type ModuleName = 'scalars' | 'interfaces' | 'named'

const scalars = {
  get: SCALARS,
  metrics: SCALAR_METRICS.map((metric) => ({
    ...metric,
    help: metric.name,
    ...(metric.name.startsWith('if') && metric.name !== 'ifNumber' ? { indexes: INDEXES } : {}),
  })),
}

const interfaces = {
  walk: COLUMNS.map(({ oid }) => oid),
  metrics: COLUMNS.map((metric) => ({ ...metric, help: metric.name, indexes: INDEXES })),
}

const named = {
  walk: [...interfaces.walk, ...NAMES.map(({ oid }) => oid)],
  metrics: interfaces.metrics.map((metric) => ({
    ...metric,
    lookups: NAMES.map((name) => ({ ...name, labels: ['ifIndex'], type: 'DisplayString' })),
  })),
}

/** In the format up to v0.25, where a module holds its credential: Debian's snmp_exporter is of that time. */
export function snmpYml(): string {
  const access = { version: 2, auth: { community: COMMUNITY } }
  const modules: Record<ModuleName, object> = { scalars, interfaces, named }
  return stringify(
    Object.fromEntries(
      Object.entries(modules).map(([name, module]) => [name, { ...module, ...access }]),
    ),
    { aliasDuplicateObjects: false },
  )
}
