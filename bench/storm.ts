import { setTimeout as delay } from 'node:timers/promises'
import type { FleetDevice } from '../lab/fleet.ts'
import type { Network } from '../lab/network.ts'
import type { Notification } from '../lab/notification.ts'
import { type Bound, type Measurement, percentile, round } from './measurement.ts'
import { type Rig, openRig } from './rig.ts'
import { readUsage } from './usage.ts'

/** One telling of one alert. */
type Told = {
  readonly device: string
  readonly alert: string
  readonly firing: boolean
  readonly at: number
}

type Storm = {
  readonly messages: number
  /** Of the routers' outages: from the cut to the webhook, seconds. */
  readonly delays: readonly number[]
  readonly routersTold: number
  readonly othersTold: number
  readonly resolved: number
  readonly cpuSeconds: number
  readonly rssBeforeMb: number
  readonly rssMaxMb: number
  readonly rssAfterMb: number
}

const DOWN_MS = 60_000
const UP_MS = 60_000

/** The whole fleet falls silent at once because the routers of its branches do. */
export const storm: Measurement<{
  readonly devices: number
  readonly branches: number
  readonly interval: number
  readonly storms: number
}> = {
  title: 'Storm: every device silent at once, because the routers of all branches are',
  defaults: { devices: 10_000, branches: 128, interval: 10, storms: 3 },
  async run({ devices, branches, interval, storms }, { network, say }) {
    const fleet = fleetOf(devices, branches)
    const told: Told[] = []
    let messages = 0
    const onNotification = ({ alerts }: Notification): void => {
      messages++
      for (const { labels, status } of alerts)
        told.push({
          device: labels['device'] ?? '',
          alert: labels['alertname'] ?? '',
          firing: status === 'firing',
          at: Date.now(),
        })
    }
    say(`${devices} devices in ${branches} branches, ping every ${interval} s: starting`)
    await using rig = await openRig({ devices: fleet, intervalSeconds: interval, onNotification })
    await delay(30_000)
    const seen: Storm[] = []
    for (let turn = 1; turn <= storms; turn++) {
      say(`storm ${turn} of ${storms}`)
      messages = 0
      told.length = 0
      const measured = await rage(rig, network, fleet, told)
      seen.push({ ...measured, messages })
    }
    return {
      tables: [
        {
          title: `${devices} devices silent for ${DOWN_MS / 1000} s, then back`,
          columns: [
            'storm',
            'messages',
            'routers told',
            'others told',
            'p50 s',
            'max s',
            'ended',
            'CPU s',
            'RSS MB before',
            'RSS MB max',
            'RSS MB after',
          ],
          rows: seen.map((one, i) => [
            i + 1,
            one.messages,
            one.routersTold,
            one.othersTold,
            round(percentile(one.delays, 0.5), 2),
            round(Math.max(...one.delays), 2),
            one.resolved,
            round(one.cpuSeconds),
            round(one.rssBeforeMb),
            round(one.rssMaxMb),
            round(one.rssAfterMb),
          ]),
        },
      ],
      bounds: boundsOf(seen, branches),
    }
  },
}

function boundsOf(seen: readonly Storm[], branches: number): Bound[] {
  const worst = (of: (one: Storm) => number): number => Math.max(...seen.map(of))
  const least = (of: (one: Storm) => number): number => Math.min(...seen.map(of))
  const [first] = seen
  const last = seen.at(-1)
  return [
    {
      what: 'routers told',
      unit: '',
      kind: 'least',
      bound: branches,
      measured: least((one) => one.routersTold),
    },
    {
      what: 'messages of one outage, fewest problems and resolutions',
      unit: '',
      kind: 'most',
      bound: 2 * branches,
      measured: worst((one) => one.messages),
    },
    {
      what: 'others told',
      unit: '',
      kind: 'most',
      bound: 0,
      measured: worst((one) => one.othersTold),
    },
    {
      what: 'outage → webhook, worst',
      unit: 's',
      kind: 'most',
      bound: 10,
      measured: round(
        worst((one) => Math.max(...one.delays)),
        2,
      ),
    },
    {
      what: 'outages that were ended',
      unit: '',
      kind: 'least',
      bound: branches,
      measured: least((one) => one.resolved),
    },
    {
      what: 'memory from one storm to the last',
      unit: 'MB',
      kind: 'most',
      bound: 15,
      measured: round((last?.rssAfterMb ?? 0) - (first?.rssAfterMb ?? 0)),
    },
  ]
}

async function rage(
  { pids }: Rig,
  network: Network,
  fleet: readonly FleetDevice[],
  told: readonly Told[],
): Promise<Omit<Storm, 'messages'>> {
  const routers = new Set(fleet.filter(({ parents }) => parents === undefined).map(({ id }) => id))
  let rssMaxMb = 0
  const look = setInterval(() => {
    void readUsage(pids.wardline).then(
      ({ rssBytes }) => (rssMaxMb = Math.max(rssMaxMb, rssBytes / 1e6)),
    )
  }, 500)
  try {
    const before = await readUsage(pids.wardline)
    const { at: cutAt } = await network.down(fleet.map(({ address }) => address))
    await delay(DOWN_MS)
    const problems = told.filter(({ alert, firing }) => alert === 'DeviceDown' && firing)
    await network.clear()
    await delay(UP_MS)
    const after = await readUsage(pids.wardline)
    const ofRouters = problems.filter(({ device }) => routers.has(device))
    const ended = told.filter(
      ({ alert, firing, device }) => alert === 'DeviceDown' && !firing && routers.has(device),
    )
    return {
      delays: ofRouters.map(({ at }) => (at - cutAt) / 1000),
      routersTold: new Set(ofRouters.map(({ device }) => device)).size,
      othersTold: told.filter(({ device }) => !routers.has(device)).length,
      resolved: new Set(ended.map(({ device }) => device)).size,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      rssBeforeMb: before.rssBytes / 1e6,
      rssMaxMb,
      rssAfterMb: after.rssBytes / 1e6,
    }
  } finally {
    clearInterval(look)
  }
}

/** A router in each branch, and the rest of the fleet behind them. */
function fleetOf(devices: number, branches: number): FleetDevice[] {
  return Array.from({ length: devices }, (_, i) => {
    const branch = i % branches
    const isRouter = i < branches
    return {
      id: isRouter ? `router-${branch}` : `device-${i}`,
      name: isRouter ? `Router ${branch}` : `Device ${i}`,
      address: `198.18.${Math.floor(i / 250)}.${(i % 250) + 1}`,
      branch: `Branch ${branch}`,
      region: `Region ${branch % 10}`,
      type: isRouter ? 'router' : 'terminal',
      vendor: '',
      model: '',
      ...(isRouter ? {} : { parents: [`router-${branch}`] }),
    }
  })
}
