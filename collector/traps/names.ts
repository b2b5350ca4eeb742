const SNMP_TRAPS = '1.3.6.1.6.3.1.1.5'

export const COLD_START = `${SNMP_TRAPS}.1`
export const WARM_START = `${SNMP_TRAPS}.2`
export const LINK_DOWN = `${SNMP_TRAPS}.3`
export const LINK_UP = `${SNMP_TRAPS}.4`

/** After one of these a device isn't what the last probe saw. */
export const TRIGGERS: ReadonlySet<string> = new Set([COLD_START, WARM_START, LINK_DOWN, LINK_UP])

/** Names of notifications that many vendors send; others are told by their OID alone. */
const NAMES: ReadonlyMap<string, string> = new Map([
  [COLD_START, 'coldStart'],
  [WARM_START, 'warmStart'],
  [LINK_DOWN, 'linkDown'],
  [LINK_UP, 'linkUp'],
  [`${SNMP_TRAPS}.5`, 'authenticationFailure'],
  [`${SNMP_TRAPS}.6`, 'egpNeighborLoss'],
  ['1.3.6.1.2.1.15.0.1', 'bgpEstablishedNotification'],
  ['1.3.6.1.2.1.15.0.2', 'bgpBackwardTransNotification'],
  ['1.3.6.1.2.1.15.7.1', 'bgpEstablished'],
  ['1.3.6.1.2.1.15.7.2', 'bgpBackwardTransition'],
  ['1.3.6.1.2.1.14.16.2.2', 'ospfNbrStateChange'],
  ['1.3.6.1.2.1.14.16.2.16', 'ospfIfStateChange'],
  ['1.3.6.1.2.1.16.0.1', 'risingAlarm'],
  ['1.3.6.1.2.1.16.0.2', 'fallingAlarm'],
  ['1.3.6.1.2.1.17.0.1', 'newRoot'],
  ['1.3.6.1.2.1.17.0.2', 'topologyChange'],
  ['1.3.6.1.2.1.33.2.1', 'upsTrapOnBattery'],
  ['1.3.6.1.2.1.33.2.2', 'upsTrapTestCompleted'],
  ['1.3.6.1.2.1.33.2.3', 'upsTrapAlarmEntryAdded'],
  ['1.3.6.1.2.1.33.2.4', 'upsTrapAlarmEntryRemoved'],
  ['1.3.6.1.2.1.47.2.0.1', 'entConfigChange'],
  ['1.3.6.1.2.1.68.0.1', 'vrrpTrapNewMaster'],
  ['1.3.6.1.4.1.8072.4.0.1', 'nsNotifyStart'],
  ['1.3.6.1.4.1.8072.4.0.2', 'nsNotifyShutdown'],
  ['1.3.6.1.4.1.8072.4.0.3', 'nsNotifyRestart'],
  ['1.3.6.1.4.1.9.9.43.2.0.1', 'ciscoConfigManEvent'],
  ['1.0.8802.1.1.2.0.0.1', 'lldpRemTablesChange'],
])

/** '' for one that isn't known here. Sent as v1, an OID without a 0 before its last arc gets one (RFC 3584 §3.1). */
export const trapName = (oid: string): string =>
  NAMES.get(oid) ?? NAMES.get(oid.replace(/\.0(?=\.\d+$)/, '')) ?? ''

const ENTERPRISE_SPECIFIC = 6

/** The OID that v2c would have sent for a trap of v1 (RFC 3584 §3.1). */
export function trapOidOfV1(enterprise: string, generic: number, specific: number): string {
  return generic === ENTERPRISE_SPECIFIC
    ? `${enterprise}.0.${specific}`
    : `${SNMP_TRAPS}.${generic + 1}`
}
