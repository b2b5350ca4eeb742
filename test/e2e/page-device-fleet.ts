import { type Device, identityLabels } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { device } from '../fakes/inventory.ts'
import { alert, evaluated, ping, slot, state } from '../integration/api/stand.ts'

/** A small network with a story: a router that was out this morning, another one that is down now, and what is behind them. */

const MINUTE = 60_000
/** Probed seldom: what is written once stays fresh while the tests look at it. */
const SELDOM = { intervalMs: 5 * MINUTE, count: 2, timeoutMs: 1_000, confirm: 3 }
const POLLED = {
  modules: ['if_mib'],
  credentials: ['c'],
  port: 161,
  intervalMs: 5 * MINUTE,
  timeoutMs: 5_000,
}
const at = (branch: string, region: string) => ({ branch, region, ping: SELDOM })

export const core = device('core', {
  name: 'Core router',
  type: 'router',
  ...at('Tbilisi', 'Tbilisi'),
})
export const gori = device('gori-1', {
  name: 'Gori router',
  address: '198.18.7.1',
  role: 'edge',
  vendor: 'Cisco',
  model: 'ISR 1111',
  tags: ['bank', 'lte-backup'],
  parents: ['core'],
  snmp: POLLED,
  ...at('Gori', 'Shida Kartli'),
})
export const batumi = device('batumi-1', {
  name: 'Batumi router',
  address: '198.18.8.1',
  parents: ['core'],
  ...at('Batumi', 'Adjara'),
})
const behind = (id: string, name: string, type: string, parent: Device): Device =>
  device(id, { name, type, parents: [parent.id], ...at(parent.branch, parent.region) })
export const goriSwitch = behind('gori-sw', 'Gori switch', 'switch', gori)
export const goriAtm = behind('gori-atm', 'Gori ATM', 'atm', gori)
export const batumiAtm = behind('batumi-atm', 'Batumi ATM', 'atm', batumi)
export const network = [core, gori, batumi, goriSwitch, goriAtm, batumiAtm]

/** Gori was out for 25 minutes, three hours ago; Batumi is down since 40 minutes ago. */
export const now = slot()
const HOURS = 12
export const outAt = now - 180 * MINUTE
export const backAt = outAt + 25 * MINUTE
export const downAt = now - 40 * MINUTE

export const DOWN = {
  alertname: 'DeviceDown',
  alertstate: 'firing',
  severity: 'critical',
  ...identityLabels(batumi),
}

export function story(): Sample[] {
  const told = { receiver: 'noc-mail', result: 'accepted', reason: 'first notification' }
  const held = { alertname: 'DeviceDown', device: 'batumi-atm', by: 'parent', cause: 'batumi-1' }
  return [
    evaluated(),
    ...history(gori),
    state(gori.id, true, now - 9 * 60 * MINUTE, outAt - MINUTE),
    state(gori.id, false, outAt, outAt),
    ...every(5, outAt, backAt - 1).map((each) => state(gori.id, false, outAt, each)),
    state(gori.id, true, backAt, backAt),
    ...every(5, backAt, now).map((each) => state(gori.id, true, backAt, each)),
    ...interfaces(),
    ...lost(batumi),
    ...lost(batumiAtm),
    ...alertsSince(DOWN, downAt),
    { measurement: '', labels: held, fields: { wardline_alert_held: 1 }, at: now },
    {
      measurement: '',
      labels: { ...told, alertname: 'DeviceDown', device: batumi.id },
      fields: { wardline_notification_seconds: 0.12 },
      at: downAt + 4_000,
    },
    ...[core, goriSwitch, goriAtm].flatMap((each) => [
      state(each.id, true, now - 600 * MINUTE),
      ping(each, now, 0.004),
    ]),
    state(gori.id, true, backAt),
  ]
}

const every = (minutes: number, from: number, to: number): number[] =>
  Array.from(
    { length: Math.floor((to - from) / (minutes * MINUTE)) },
    (_, index) => from + index * minutes * MINUTE,
  )

const alertsSince = (labels: Readonly<Record<string, string>>, since: number): Sample[] =>
  [...every(1, since, now), now].flatMap((each) => alert(labels, since, each))

/** Round trips that rise at noon, a little loss now and then, none while it is out. */
function history(of: Device): Sample[] {
  return every(5, now - HOURS * 60 * MINUTE, now + 1)
    .map((each, index) => {
      if (each >= outAt && each < backAt) return ping(of, each, null)
      const sample = ping(
        of,
        each,
        0.012 + 0.006 * Math.sin(index / 9) + (index % 17 === 0 ? 0.02 : 0),
      )
      return index % 23 === 0
        ? { ...sample, fields: { ...sample.fields, loss_ratio: 0.5 } }
        : sample
    })
    .concat(ping(of, now, 0.0143))
}

function lost(of: Device): Sample[] {
  const failed = [0, 1_000, 2_000, ...every(5, 0, now - downAt).map((ms) => ms + 5 * MINUTE)]
  return [
    ...[20, 15, 10, 5].map((minutes) => ping(of, downAt - minutes * MINUTE, 0.021)),
    ...failed.map((ms) => ping(of, Math.min(now, downAt + ms), null)),
    state(of.id, true, downAt - 900 * MINUTE, downAt - 5 * MINUTE),
    ...every(1, downAt, now).map((each) => state(of.id, false, downAt, each)),
    state(of.id, false, downAt),
  ]
}

/** Two lines, a port with errors, one that is switched off, one that is down. */
function interfaces(): Sample[] {
  const faces = [
    {
      index: '1',
      name: 'Gi0/0',
      alias: 'Magti 200M',
      speed: 200,
      in: 14e6,
      out: 3e6,
      errors: 0,
      oper: 1,
      admin: 1,
      uplink: 'isp-a',
    },
    {
      index: '2',
      name: 'Gi0/1',
      alias: 'Silknet LTE',
      speed: 50,
      in: 5.4e6,
      out: 0.4e6,
      errors: 0,
      oper: 1,
      admin: 1,
      uplink: 'isp-b',
    },
    {
      index: '3',
      name: 'Gi0/2',
      alias: 'to switch',
      speed: 1000,
      in: 3e6,
      out: 15e6,
      errors: 2,
      oper: 1,
      admin: 1,
      uplink: '',
    },
    {
      index: '4',
      name: 'Gi0/3',
      alias: '',
      speed: 1000,
      in: 0,
      out: 0,
      errors: 0,
      oper: 2,
      admin: 2,
      uplink: '',
    },
    {
      index: '5',
      name: 'Gi0/4',
      alias: 'old ATM',
      speed: 100,
      in: 0,
      out: 0,
      errors: 0,
      oper: 2,
      admin: 1,
      uplink: '',
    },
  ]
  const instants = [...every(5, now - 6 * 60 * MINUTE, now - MINUTE), now - 1_000]
  const polled = instants.map((each) => ({
    measurement: 'snmp',
    labels: identityLabels(gori),
    fields: { up: 1 },
    at: each,
  }))
  return [
    ...polled,
    ...faces.flatMap((face) => {
      const labels = {
        ...identityLabels(gori),
        ifIndex: face.index,
        ifName: face.name,
        ifAlias: face.alias,
        ...(face.uplink === '' ? {} : { uplink: face.uplink }),
      }
      return instants.map((each, index) => {
        const seconds = (each - (instants[0] ?? each)) / 1000
        const wave = 1 + 0.3 * Math.sin(index / 8)
        return {
          measurement: '',
          labels,
          fields: {
            ifOperStatus: face.oper,
            ifAdminStatus: face.admin,
            ifHighSpeed: face.speed,
            ifHCInOctets: Math.round(face.in * seconds * wave),
            ifHCOutOctets: Math.round(face.out * seconds * wave),
            ifInErrors: Math.round(face.errors * seconds),
            ifOutErrors: 0,
          },
          at: each,
        }
      })
    }),
  ]
}
