import { setTimeout as delay } from 'node:timers/promises'
import type { Network } from '../lab/network.ts'
import type { Notification } from '../lab/notification.ts'
import { createRandom } from '../lab/random.ts'
import { castOf } from '../lab/script.ts'
import { type Bound, type Measurement, percentile, round } from './measurement.ts'
import { openRig } from './rig.ts'

type Seen = { readonly downAt: number; readonly failedAt: number; readonly toldAt: number }

/** From the moment in which a device falls silent to the webhook that says so. */
export const detection: Measurement<{
  readonly devices: number
  readonly outages: number
  readonly intervals: readonly number[]
}> = {
  title: 'Detection: from an outage to the webhook that has been taken',
  defaults: { devices: 876, outages: 50, intervals: [10, 30] },
  async run({ devices, outages, intervals }, { network, say }) {
    const rows: (string | number)[][] = []
    const bounds: Bound[] = []
    for (const interval of intervals) {
      say(`${outages} outages among ${devices} devices, ping every ${interval} s`)
      const seen = await measure({ devices, outages, interval }, network, say)
      const whole = seen.map(({ downAt, toldAt }) => (toldAt - downAt) / 1000)
      const afterProbe = seen.map(({ failedAt, toldAt }) => (toldAt - failedAt) / 1000)
      for (const [what, seconds] of [
        ['outage → webhook', whole],
        ['first failed probe → webhook', afterProbe],
      ] as const)
        rows.push([`${interval} s`, what, seen.length, ...figures(seconds)])
      const shared = { unit: 's', kind: 'most' } as const
      bounds.push(
        {
          ...shared,
          what: `outage → webhook at ${interval} s, worst`,
          bound: interval + 6,
          measured: round(Math.max(...whole), 2),
        },
        {
          ...shared,
          what: `first failed probe → webhook at ${interval} s, worst`,
          bound: 5,
          measured: round(Math.max(...afterProbe), 2),
        },
        {
          what: `outages told at ${interval} s`,
          unit: '',
          kind: 'least',
          bound: outages,
          measured: seen.length,
        },
      )
    }
    const columns = ['interval', 'from → to', 'outages', 'p50 s', 'p99 s', 'max s']
    return { tables: [{ title: 'Detection', columns, rows }], bounds }
  },
}

const figures = (seconds: readonly number[]): number[] =>
  [0.5, 0.99, 1].map((share) => round(percentile(seconds, share), 2))

async function measure(
  { devices, outages, interval }: { devices: number; outages: number; interval: number },
  network: Network,
  say: (text: string) => void,
): Promise<Seen[]> {
  const told = new Map<string, { failedAt: number; toldAt: number }>()
  const onNotification = ({ alerts }: Notification): void => {
    const toldAt = Date.now()
    for (const { labels, annotations, status } of alerts) {
      if (labels['alertname'] !== 'DeviceDown' || status !== 'firing') continue
      const failedAt = Date.parse(annotations['down_since'] ?? '')
      told.set(labels['device'] ?? '', { failedAt, toldAt })
    }
  }
  await using rig = await openRig({ devices, intervalSeconds: interval, onNotification })
  const random = createRandom('detection')
  const { alone } = castOf(rig.fleet.devices)
  const parents = new Set(rig.fleet.devices.flatMap((device) => device.parents ?? []))
  const leaves = random.shuffle(alone.filter((id) => !parents.has(id)))
  const addressOf = new Map(rig.fleet.devices.map(({ id, address }) => [id, address]))
  // Until SNMP has polled everything once.
  await delay(60_000)

  const downAt = new Map<string, number>()
  const spanMs = outages * 1_000
  await Promise.all(
    leaves.slice(0, outages).map(async (id) => {
      // At any phase of the interval: an outage doesn't wait for a slot.
      await delay(random.next() * spanMs)
      downAt.set(id, (await network.down([addressOf.get(id) ?? ''])).at)
    }),
  )
  say('all are down; waiting for the last webhook')
  const until = Date.now() + (interval + 30) * 1_000
  while (Date.now() < until && [...downAt.keys()].some((id) => !told.has(id))) await delay(100)
  await network.clear()
  return [...downAt].flatMap(([id, at]) => {
    const heard = told.get(id)
    return heard === undefined ? [] : [{ downAt: at, ...heard }]
  })
}
