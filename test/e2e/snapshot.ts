import { setTimeout as delay } from 'node:timers/promises'
import type { AlertJson } from '../../api/alerts/schema.ts'
import type { StatsJson } from '../../api/health-schema.ts'
import type { BranchJson, Counts, DeviceJson, RegionJson } from '../../api/schemas.ts'
import type { World } from './story-stage.ts'

/** What every door says at the end. */
export type Snapshot = {
  readonly list: readonly DeviceJson[]
  readonly details: ReadonlyMap<string, DeviceJson>
  readonly stats: StatsJson
  readonly branches: readonly BranchJson[]
  readonly regions: readonly RegionJson[]
  readonly alerts: readonly AlertJson[]
  /** By device: the values of the series, as PromQL has them now. */
  readonly series: {
    readonly deviceUp: ReadonlyMap<string, number>
    readonly downSinceSeconds: ReadonlyMap<string, number>
    readonly status: ReadonlyMap<string, string>
    /** Devices with a firing DeviceDown in ALERTS. */
    readonly firing: ReadonlyMap<string, number>
  }
}

export async function takeSnapshot({ apiUrl, stores, fleet }: World): Promise<Snapshot> {
  const read = <T>(path: string): Promise<T> => readJson<T>(`${apiUrl}/api/v1${path}`)
  const details = new Map<string, DeviceJson>()
  for (const { id } of fleet.devices)
    details.set(id, await read<DeviceJson>(`/devices/${encodeURIComponent(id)}`))
  await stores.victoriaMetrics.flush()
  // As Grafana asks: a bare selector, whose series ends where a stale marker stands.
  const ask = (expr: string) => stores.victoriaMetrics.query(expr)
  const values = async (expr: string) =>
    new Map((await ask(expr)).map(({ labels, value }) => [labels['device'] ?? '', value]))
  return {
    list: await read('/devices'),
    details,
    stats: await read('/dashboard/stats'),
    branches: await read('/branches'),
    regions: await read('/regions'),
    alerts: await read('/alerts'),
    series: {
      deviceUp: await values('device_up'),
      downSinceSeconds: await values('device_down_since_seconds'),
      status: new Map(
        (await ask('device_status')).map(({ labels }) => [
          labels['device'] ?? '',
          labels['status'] ?? '',
        ]),
      ),
      firing: await values('ALERTS{alertname="DeviceDown",alertstate="firing"}'),
    },
  }
}

export async function readDevices(apiUrl: string): Promise<DeviceJson[]> {
  return readJson(`${apiUrl}/api/v1/devices`)
}

/** Looks at the list and the head of the page all the while, as somebody who watches the outages does. */
export type Observer = AsyncDisposable & {
  /** Every `down_since` that was ever shown, by device. */
  readonly shown: ReadonlyMap<string, ReadonlySet<string>>
  /** Answers that were good, of list and head at one and the same instant, and where these disagreed. */
  readonly comparisons: number
  readonly disagreements: readonly string[]
  /** Good answers that left devices out. */
  readonly short: readonly string[]
}

export function observe(apiUrl: string): Observer {
  const ended = new AbortController()
  const shown = new Map<string, Set<string>>()
  const disagreements: string[] = []
  const short: string[] = []
  let comparisons = 0

  async function look(): Promise<void> {
    const [devices, stats] = await Promise.all([
      fetch(`${apiUrl}/api/v1/devices`),
      readJson<StatsJson>(`${apiUrl}/api/v1/dashboard/stats`),
    ])
    if (!devices.ok) return // an API that can't tell says so: nothing to compare
    const list = (await devices.json()) as DeviceJson[]
    for (const { id, down_since } of list) {
      if (down_since === null) continue
      shown.set(id, (shown.get(id) ?? new Set()).add(down_since))
    }
    const asOf = devices.headers.get('x-wardline-as-of')
    if (list.length !== stats.devices.total) short.push(`${asOf}: ${list.length} devices`)
    if (asOf !== stats.as_of) return
    comparisons++
    const counted = countStatuses(list)
    if (JSON.stringify(counted) !== JSON.stringify(pickCounts(stats.devices)))
      disagreements.push(`${asOf}: ${JSON.stringify(counted)}, ${JSON.stringify(stats.devices)}`)
  }

  const running = (async () => {
    while (!ended.signal.aborted) {
      await look().catch(() => {}) // the API is being restarted, or can't ask VictoriaMetrics
      await delay(500, undefined, { signal: ended.signal }).catch(() => {})
    }
  })()
  return {
    shown,
    get comparisons() {
      return comparisons
    },
    disagreements,
    short,
    async [Symbol.asyncDispose]() {
      ended.abort()
      await running
    },
  }
}

type StatusCounts = Omit<Counts, 'total'>

export function countStatuses(devices: readonly DeviceJson[]): StatusCounts {
  const counts = { up: 0, down: 0, unreachable: 0, unknown: 0, disabled: 0 }
  for (const { status } of devices) counts[status]++
  return counts
}

export const pickCounts = ({ up, down, unreachable, unknown, disabled }: Counts): StatusCounts => ({
  up,
  down,
  unreachable,
  unknown,
  disabled,
})

async function readJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
