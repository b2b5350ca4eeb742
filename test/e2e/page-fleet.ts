import { type Device, identityLabels } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { device } from '../fakes/inventory.ts'
import { alert, evaluated, ping, slot, state } from '../integration/api/stand.ts'

/** A fleet as a bank has it: branches in regions, each with a router, two lines and what is behind it. */

const REGIONS = [
  'Tbilisi',
  'Imereti',
  'Kakheti',
  'Adjara',
  'Guria',
  'Shida Kartli',
  'Kvemo Kartli',
  'Samegrelo',
  'Samtskhe',
  'Mtskheta',
]
const TOWNS = [
  'Vake',
  'Gori',
  'Batumi',
  'Kutaisi',
  'Zugdidi',
  'Telavi',
  'Rustavi',
  'Poti',
  'Saburtalo',
  'Borjomi',
  'Ozurgeti',
  'Senaki',
]
const KINDS = ['router', 'switch', 'atm', 'camera', 'nvr', 'ap', 'printer']

/** Each device is probed seldom: what is written once stays fresh while the tests look at it. */
const SELDOM = { intervalMs: 300_000, count: 2, timeoutMs: 1_000, confirm: 3 }

export const townName = (index: number): string =>
  `${TOWNS[index % TOWNS.length]} ${Math.floor(index / TOWNS.length) + 1}`

export function bankFleet(devices: number, branches: number): Device[] {
  return Array.from({ length: devices }, (_, index) => {
    const branch = index % branches
    const place = Math.floor(index / branches)
    const kind = KINDS[place % KINDS.length] ?? 'router'
    const id = `b${branch}-${kind}-${place}`
    return device(id, {
      name: `${townName(branch)} ${kind} ${place}`,
      address: `198.18.${branch % 250}.${place + 1 + 120 * Math.floor(branch / 250)}`,
      branch: townName(branch),
      region: REGIONS[branch % REGIONS.length] ?? '',
      type: kind,
      parents: place === 0 ? [] : [`b${branch}-router-0`],
      ping: SELDOM,
      snmp:
        place === 0
          ? { modules: [], credentials: ['c'], port: 161, intervalMs: 300_000, timeoutMs: 1_000 }
          : null,
    })
  })
}

/** How a device is; `since` is seconds ago. */
export type Condition = { readonly up: boolean; readonly since: number }

/** What the collector and alerting would have written of the fleet. Routers have two lines; `lost` are those that are down. */
export function fleetSamples(
  fleet: readonly Device[],
  conditionOf: (of: Device, index: number) => Condition,
  lost: ReadonlySet<string> = new Set(),
): Sample[] {
  const at = slot(1)
  return [
    evaluated(),
    ...fleet.flatMap((each, index) => {
      const { up, since } = conditionOf(each, index)
      const from = slot(since)
      const rtt = 0.002 + (index % 40) / 1000
      return [
        state(each.id, up, from),
        ping(each, at, up ? rtt : null),
        ...(up ? [] : alert(outageOf(each), from)),
        ...(each.snmp === null ? [] : lines(each, at, up, lost)),
      ]
    }),
  ]
}

const outageOf = (of: Device) => ({
  alertname: 'DeviceDown',
  alertstate: 'firing',
  severity: 'critical',
  ...identityLabels(of),
})

function lines(of: Device, at: number, up: boolean, lost: ReadonlySet<string>): Sample[] {
  const labels = identityLabels(of)
  if (!up) return [{ measurement: 'snmp', labels, fields: { up: 0 }, at }]
  return [
    { measurement: 'snmp', labels, fields: { up: 1 }, at },
    ...['isp-a', 'isp-b'].map((name) => ({
      measurement: '',
      labels: { ...labels, uplink: name, ifIndex: name, ifName: name, ifAlias: name },
      fields: { ifOperStatus: lost.has(`${of.id} ${name}`) ? 2 : 1, ifAdminStatus: 1 },
      at,
    })),
  ]
}
