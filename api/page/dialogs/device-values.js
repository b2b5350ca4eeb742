/** The fields of a device's form, and what changed in them. Nothing here touches the document. */

const TEXTS = ['name', 'address', 'branch', 'region', 'type', 'role', 'vendor', 'model']
const LISTS = ['parents', 'tags']

/** What the fields show of a device as its definition has it; null: of one that is to be added. */
export function valuesOf(device) {
  const { ping = {}, snmp } = device ?? {}
  const polled = typeof snmp === 'object' && snmp !== null ? snmp : {}
  return {
    ...Object.fromEntries(TEXTS.map((key) => [key, device?.[key] ?? ''])),
    ...Object.fromEntries(LISTS.map((key) => [key, device?.[key] ?? []])),
    'ping.interval': ping.interval ?? '',
    'ping.confirm': ping.confirm === undefined ? '' : String(ping.confirm),
    snmp: device === null ? 'usual' : snmp === false ? 'off' : 'on',
    'snmp.credentials': polled.credentials ?? [],
    'snmp.modules': polled.modules ?? [],
    'snmp.interval': polled.interval ?? '',
    enabled: device?.enabled ?? true,
  }
}

/** The keys that differ, as the API takes them. What was emptied in a section is taken back: files and defaults say it. */
export function patchOf(before, after) {
  const patch = {}
  const isChanged = (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])
  for (const key of [...TEXTS, ...LISTS, 'enabled']) if (isChanged(key)) patch[key] = after[key]
  const ping = section('ping', ['interval', 'confirm'])
  if (ping !== null) patch.ping = ping
  const snmp = snmpOf()
  if (snmp !== undefined) patch.snmp = snmp
  return patch

  function section(name, keys) {
    const changed = keys.filter((key) => isChanged(`${name}.${key}`))
    if (changed.length === 0) return null
    return Object.fromEntries(changed.map((key) => [key, writtenOf(key, after[`${name}.${key}`])]))
  }

  function snmpOf() {
    if (after.snmp === 'off') return isChanged('snmp') ? false : undefined
    const details = section('snmp', ['credentials', 'modules', 'interval'])
    if (details !== null) return details
    return isChanged('snmp') ? true : undefined
  }
}

function writtenOf(key, value) {
  if (value.length === 0) return null
  return key === 'confirm' ? Number(value) : value
}
