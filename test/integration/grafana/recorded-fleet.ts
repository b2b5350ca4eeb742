import { type Labels, labelsKey } from '../../../lib/labels.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { STALE, type StaleSample, encodeWriteRequest } from '../../../lib/remote-write.ts'
import type { Status } from '../../../lib/status.ts'
import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { ownMetrics, scraped } from './recorded-pipeline.ts'

/**
 * An hour of a fleet as wardline writes it: 30 devices in 4 branches of 2 regions, both of which have every kind of
 * trouble. Device 13 moved from one branch to another and changed its name half an hour ago; device 6 went down 20 s
 * ago; device 12 flaps and device 5 nearly did; device 10 has 32-bit counters alone; device 29 is disabled.
 */
export type RecordedDevice = {
  readonly id: string
  readonly name: string
  readonly branch: string
  readonly region: string
  readonly type: string
  readonly status: Status
  /** When it went down; null when it isn't. Unix milliseconds. */
  readonly downSince: number | null
  readonly snmp: 'ok' | 'failing' | 'none'
}

const HOUR = 3_600_000
const FLAPPING = 12
const SETTLING = 5
const MOVED = 13
const NARROW = 10
const BRANCHES = ['Alpha', 'Beta', 'Gamma', 'Delta (old)']
const STATUSES: Readonly<Record<number, [Status, downForMs: number]>> = {
  0: ['down', 40 * 60_000],
  3: ['down', 25 * 60_000 + 3_000],
  6: ['down', 20_000],
  4: ['unreachable', 40 * 60_000 - 10_000],
  8: ['unreachable', 40 * 60_000 - 5_000],
  7: ['unreachable', 25 * 60_000],
  11: ['unreachable', 24 * 60_000],
  9: ['unknown', 0],
  14: ['unknown', 0],
  29: ['disabled', 0],
}

export function recordedFleet(now: number): RecordedDevice[] {
  return Array.from({ length: 30 }, (_, i) => {
    const [status, downFor] = STATUSES[i] ?? (['up', 0] as const)
    return {
      id: `dev-${String(i).padStart(2, '0')}`,
      name: `Device ${i}`,
      branch: BRANCHES[i === MOVED ? 0 : i % 4] ?? '',
      region: i % 4 < 2 ? 'North' : 'South',
      type: i < 4 ? 'router' : i % 3 === 0 ? 'camera' : i === 16 ? '' : 'switch',
      status,
      downSince: downFor === 0 ? null : now - downFor,
      snmp: i === 1 || i === 2 ? 'failing' : i < 20 ? 'ok' : 'none',
    }
  })
}

/** Writes the hour that ends at `now` and waits until it can be queried. */
export async function recordFleet(
  victoriaMetrics: VictoriaMetrics,
  devices: readonly RecordedDevice[],
  now: number,
): Promise<void> {
  const samples = [
    ...devices.flatMap((device, i) => deviceSamples(device, i, now)),
    ...ownMetrics(now),
    ...scraped(now),
    ...canaryDeliveries(now),
  ]
  await victoriaMetrics.writeLines(samples.map(encodeLine).join('\n'))
  await victoriaMetrics.remoteWrite(
    encodeWriteRequest(devices.flatMap((device, i) => ends(device, i, now))),
  )
  await victoriaMetrics.flush()
}

function* every(stepMs: number, from: number, to: number): Generator<number> {
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) yield at
}

const movedAt = (now: number): number => now - HOUR / 2

/** The identity labels at an instant: device 13 had another branch before it moved. */
function identity(device: RecordedDevice, i: number, at: number, now: number): Labels {
  const branch = i === MOVED && at < movedAt(now) ? 'Beta' : device.branch
  return { device: device.id, branch, region: device.region }
}

/** Device 12 was down for two minutes of every ten, last until eight minutes ago. */
function isUp(device: RecordedDevice, i: number, at: number, now: number): boolean {
  if (i === FLAPPING) return (now - at) % 600_000 < 480_000
  return device.downSince === null || at < device.downSince
}

function deviceSamples(device: RecordedDevice, i: number, now: number): Sample[] {
  if (device.status === 'disabled') return []
  return [
    ...pings(device, i, now),
    ...polls(device, i, now),
    ...traps(device, i, now),
    ...information(device, i, now),
    ...state(device, i, now),
    ...dense(device, i, now),
    ...alerts(device, i, now),
    ...held(device, i, now),
    ...deliveries(device, now),
  ]
}

function pings(device: RecordedDevice, i: number, now: number): Sample[] {
  const end = device.status === 'unknown' ? now - 600_000 : now
  return [...every(10_000, now - HOUR, end)].map((at) => {
    const up = isUp(device, i, at, now)
    const lost = up && (i % 5 === 0 || i === MOVED) && at % 60_000 === 0 ? 1 : 0
    const answered = { rtt_seconds: 0.002 * (i + 1) + (at % 7_000) / 1e6 }
    const fields = up
      ? { up: 1, loss_ratio: lost / 2, sent: 2, received: 2 - lost, ...answered }
      : { up: 0, loss_ratio: 1, sent: 2, received: 0 }
    return {
      measurement: 'ping',
      labels: { ...identity(device, i, at, now), vantage: 'collector-1' },
      fields,
      at,
    }
  })
}

function polls(device: RecordedDevice, i: number, now: number): Sample[] {
  if (device.snmp === 'none') return []
  return [...every(60_000, now - HOUR, now)].flatMap((at): Sample[] => {
    const labels = identity(device, i, at, now)
    const answers = device.snmp === 'ok' && isUp(device, i, at, now)
    const poll = {
      up: Number(answers),
      poll_seconds: 0.03,
      pdus: 4,
      errors: Number(!answers),
      failures: answers ? 0 : 3,
      interval_seconds: answers ? 60 : 120,
    }
    const own: Sample = { measurement: 'snmp', labels, fields: poll, at }
    if (!answers) return [own]
    const uptime = { sysUpTime: (at - (now - 9 * HOUR)) / 10, ifNumber: 2 }
    return [own, { measurement: '', labels, fields: uptime, at }, ...interfaces(labels, i, at)]
  })
}

/** A link of every other device goes down each ten minutes. */
function traps(device: RecordedDevice, i: number, now: number): Sample[] {
  if (device.snmp === 'none' || i % 2 === 1) return []
  const start = now - HOUR
  return [...every(60_000, start, now)].map((at) => ({
    measurement: 'snmp',
    labels: {
      ...identity(device, i, at, now),
      trap: '1.3.6.1.6.3.1.1.5.3',
      name: 'linkDown',
      vantage: 'collector-1',
    },
    fields: { traps_total: Math.floor((at - start) / 600_000) },
    at,
  }))
}

function interfaces(labels: Labels, i: number, at: number): Sample[] {
  return [1, 2].map((ifIndex) => ({
    measurement: '',
    labels: {
      ...labels,
      ifIndex: String(ifIndex),
      ifName: `ge-0/0/${ifIndex}`,
      ifAlias: ifIndex === 1 ? 'uplink' : '',
      ifDescr: `GigabitEthernet 0/0/${ifIndex}`,
    },
    fields: {
      ...counters(Math.round((at / 1000) * 1_000 * (i + 1) * ifIndex), i === NARROW),
      ifInErrors: Math.round(at / 60_000),
      ifOutErrors: 0,
      ifInDiscards: 3,
      ifOutDiscards: 0,
      ifAdminStatus: 1,
      ifOperStatus: ifIndex === 2 && i === 5 ? 2 : 1,
      ifHighSpeed: 1_000,
    },
    at,
  }))
}

/** An agent of SNMPv1 has no 64-bit counters. */
function counters(octets: number, isNarrow: boolean): Record<string, number> {
  const [inward, outward, packets] = [octets, Math.round(octets * 0.7), Math.round(octets / 500)]
  return isNarrow
    ? { ifInOctets: inward, ifOutOctets: outward, ifInUcastPkts: packets, ifOutUcastPkts: packets }
    : {
        ifHCInOctets: inward,
        ifHCOutOctets: outward,
        ifHCInUcastPkts: packets,
        ifHCOutUcastPkts: packets,
      }
}

function information(device: RecordedDevice, i: number, now: number): Sample[] {
  return [...every(300_000, now - HOUR, now)].map((at) => ({
    measurement: 'device',
    labels: {
      ...identity(device, i, at, now),
      name: i === MOVED && at < movedAt(now) ? 'Device 13 (old name)' : device.name,
      address: `198.18.0.${i + 1}`,
      type: device.type,
      role: i < 4 ? 'isp' : '',
      vendor: 'Cisco',
      model: 'C9200',
      sysName: device.snmp === 'ok' ? `sw-${i}` : '',
    },
    fields: { info: 1 },
    at,
  }))
}

/** The kept state: written at each transition with the stamp of its first probe, and every five minutes. */
function state(device: RecordedDevice, i: number, now: number): Sample[] {
  const labels = { device: device.id }
  const transitions = [now - HOUR]
  for (const at of every(10_000, now - HOUR + 10_000, now)) {
    if (isUp(device, i, at, now) !== isUp(device, i, at - 10_000, now)) transitions.push(at)
  }
  if (device.downSince !== null) transitions[transitions.length - 1] = device.downSince
  return transitions.flatMap((since, n) => {
    const fields = { state_up: Number(isUp(device, i, since, now)), state_since: since / 1000 }
    const kept = every(300_000, since + 1, (transitions[n + 1] ?? now + 1) - 1)
    return [since, ...kept].map((at): Sample => ({ measurement: 'device', labels, fields, at }))
  })
}

function statusAt(device: RecordedDevice, i: number, at: number, now: number): Status {
  if (device.status === 'unknown' && at > now - 570_000) return 'unknown'
  if (isUp(device, i, at, now)) return 'up'
  return device.status === 'unreachable' ? 'unreachable' : 'down'
}

function dense(device: RecordedDevice, i: number, now: number): Sample[] {
  return [...every(15_000, now - HOUR, now), now].flatMap((at): Sample[] => {
    const labels = identity(device, i, at, now)
    const status = statusAt(device, i, at, now)
    const of: Sample = {
      measurement: 'device',
      labels: { ...labels, status },
      fields: { status: 1 },
      at,
    }
    if (status === 'unknown') return [of]
    const up = Number(status === 'up')
    const since =
      up === 1 ? {} : { down_since_seconds: (device.downSince ?? at - (at % 600_000)) / 1000 }
    return [of, { measurement: 'device', labels, fields: { up, ...since }, at }]
  })
}

function alerts(device: RecordedDevice, i: number, now: number): Sample[] {
  const failing =
    device.snmp === 'failing' ? 'SnmpFailing' : i === FLAPPING ? 'DeviceFlapping' : null
  const alertname = device.status === 'down' ? 'DeviceDown' : failing
  if (alertname === null) return []
  const labels = {
    alertname,
    alertgroup: 'availability',
    severity: alertname === 'DeviceDown' ? 'critical' : 'warning',
    ...identity(device, i, now, now),
  }
  const since = device.downSince ?? now - HOUR / 2
  const kept: Sample = {
    measurement: '',
    labels,
    fields: { wardline_alert_keep_firing_since_seconds: now / 1000 - 60 },
    at: now,
  }
  return [...every(15_000, since, now), now].flatMap((at): Sample[] => [
    ...(alertname === 'DeviceFlapping' && at === now ? [kept] : []),
    { measurement: '', labels: { ...labels, alertstate: 'firing' }, fields: { ALERTS: 1 }, at },
    { measurement: '', labels, fields: { ALERTS_FOR_STATE: since / 1000 }, at },
  ])
}

/** What is unreachable is told to nobody; what flaps has a score. */
function held(device: RecordedDevice, i: number, now: number): Sample[] {
  const score = i === FLAPPING ? 38 : i === SETTLING ? 12 : 0
  return [...every(15_000, now - 120_000, now), now].flatMap((at): Sample[] => {
    const labels = identity(device, i, at, now)
    const cause = {
      alertname: 'DeviceDown',
      by: 'parent',
      cause: i % 4 === 0 ? 'dev-00' : 'dev-03',
    }
    return [
      ...(score === 0
        ? []
        : [{ measurement: 'device', labels, fields: { flapping_score: score }, at }]),
      ...(device.status === 'unreachable'
        ? [
            {
              measurement: 'wardline',
              labels: { ...labels, ...cause },
              fields: { alert_held: 1 },
              at,
            },
          ]
        : []),
    ]
  })
}

/** Told 9 s after each outage began, at the second try. */
function deliveries({ id, status, downSince }: RecordedDevice, now: number): Sample[] {
  if (downSince === null || status !== 'down') return []
  const at = Math.min(downSince + 9_000, now)
  return delivery({ receiver: 'ops', alertname: 'DeviceDown', device: id }, downSince, at)
}

function canaryDeliveries(now: number): Sample[] {
  const labels = { receiver: 'wardline-canary', alertname: 'Canary', device: 'wardline-canary' }
  return [...every(300_000, now - HOUR, now - 60_000)].flatMap((at) =>
    delivery(labels, at, at + 50_000),
  )
}

function delivery(labels: Labels, since: number, at: number): Sample[] {
  const attempt = (result: string, reason: string, tryAt: number): Sample => ({
    measurement: 'wardline',
    labels: { ...labels, result, reason },
    fields: { notification_seconds: 0.3 },
    at: tryAt,
  })
  return [
    attempt('failed', 'timeout', at - 1_000),
    attempt('accepted', 'first notification', at),
    {
      measurement: 'wardline',
      labels,
      fields: { outage_to_delivery_seconds: (at - since) / 1000 },
      at,
    },
  ]
}

/**
 * Staleness markers, as alerting writes them: at the first instant at which a device no longer has a dense series
 * that it had fifteen seconds before.
 */
function ends(device: RecordedDevice, i: number, now: number): StaleSample[] {
  if (device.status === 'disabled') return []
  const byInstant = Map.groupBy(dense(device, i, now), ({ at }) => at)
  const series = (at: number): Labels[] =>
    (byInstant.get(at) ?? []).flatMap(({ labels, fields }) =>
      Object.keys(fields).map((field) => ({ __name__: `device_${field}`, ...labels })),
    )
  return [...byInstant.keys()].slice(1).flatMap((at, n) => {
    const kept = new Set(series(at).map(labelsKey))
    const before = series([...byInstant.keys()][n] ?? at)
    return before
      .filter((labels) => !kept.has(labelsKey(labels)))
      .map((labels): StaleSample => ({ labels, value: STALE, at }))
  })
}
