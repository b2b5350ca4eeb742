const ENTERPRISES = '1.3.6.1.4.1'

/** Which agents have what: by the number of the enterprise and what follows it. Who they are: docs/snmp-devices.md. */
const BY_ENTERPRISE: Readonly<Record<string, readonly string[]>> = {
  '9': ['cisco'],
  '11': ['hp_aruba'],
  '11.2.3.9': ['printer'],
  '253': ['printer'],
  '311': ['windows'],
  '318': ['ups'],
  '367': ['printer'],
  '534': ['ups'],
  '641': ['printer'],
  '705': ['ups'],
  '1248': ['printer'],
  '1347': ['printer'],
  '1602': ['printer'],
  '2001': ['printer'],
  '2011': ['huawei'],
  '2021.250': ['linux'],
  '2385': ['printer'],
  '2435': ['printer'],
  '2636': ['juniper'],
  '3808': ['ups'],
  '6876': ['host_resources'],
  '8072': ['linux'],
  '12356': ['fortinet'],
  '14823': ['aruba_controller'],
  '14988': ['mikrotik'],
  '18334': ['printer'],
  '25461': ['host_resources'],
  '30065': ['host_resources'],
  '47196': ['aruba_cx'],
}

const BY_PREFIX: ReadonlyMap<string, readonly string[]> = new Map([
  // Many cards name the MIB instead of themselves.
  ['1.3.6.1.2.1.33', ['ups']],
  ...Object.entries(BY_ENTERPRISE).map(
    ([number, modules]) => [`${ENTERPRISES}.${number}`, modules] as const,
  ),
])

const NONE: readonly string[] = []

/**
 * The modules for an agent that calls itself so: those of its longest known prefix, none where there is none. The same
 * ones are the same array each time.
 */
export function modulesFor(sysObjectID: string): readonly string[] {
  let prefix = sysObjectID.replace(/^\./, '')
  for (;;) {
    const modules = BY_PREFIX.get(prefix)
    if (modules !== undefined) return modules
    const end = prefix.lastIndexOf('.')
    if (end === -1) return NONE
    prefix = prefix.slice(0, end)
  }
}
