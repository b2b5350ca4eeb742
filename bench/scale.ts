import { setTimeout as delay } from 'node:timers/promises'
import { shareOf } from '../collector/share/rendezvous.ts'
import type { Device } from '../lib/inventory.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Bound, type Measurement, percentile, round } from './measurement.ts'
import { type Site, openSite } from './scale/site.ts'
import { type Usage, readUsage } from './usage.ts'

/** A fleet that several collectors divide: how evenly, what each takes, and whether every probe is stored. */
export const scale: Measurement<{
  readonly devices: number
  readonly collectors: number
  readonly minutes: number
  readonly warmup: number
  readonly intervals: readonly number[]
}> = {
  title: 'Scale: collectors that divide a fleet, their balance and what each takes',
  defaults: { devices: 100_000, collectors: 4, minutes: 3, warmup: 1, intervals: [60] },
  async run({ devices, collectors, minutes, warmup, intervals }, { say }) {
    const rows: (string | number)[][] = []
    const totals: (string | number)[][] = []
    const bounds: Bound[] = []
    for (const interval of intervals) {
      say(`${devices} devices every ${interval} s, ${collectors} collectors: starting`)
      await using site = await openSite({ devices, collectors, intervalSeconds: interval })
      say(`warming up for ${warmup} min and an interval`)
      await delay(warmup * 60_000 + interval * 1_000)
      say(`measuring for ${minutes} min`)
      const measured = await measure(site, { devices, interval, minutes })
      rows.push(...measured.collectors.map((row) => [`${interval} s`, ...row.cells]))
      totals.push([`${interval} s`, ...measured.totals])
      bounds.push(...boundsOf(`${interval} s`, measured))
    }
    return {
      tables: [
        {
          title: `${devices} devices over ${collectors} collectors`,
          columns: [
            'interval',
            'collector',
            'devices',
            'CPU % of a core',
            'its fping %',
            'RSS MB',
            'slot lag s, max',
            'slots missed',
          ],
          rows,
        },
        {
          title: 'In all',
          columns: [
            'interval',
            'probes due',
            'stored',
            'stored ÷ due',
            'devices off the mean %',
            'CPU µs a probe',
            'probes a core and second',
            'VictoriaMetrics %',
          ],
          rows: totals,
        },
        {
          title: 'Dividing',
          columns: ['devices', 'collectors', 'p50 ms', 'max ms'],
          rows: dividing(devices),
        },
      ],
      bounds,
    }
  },
}

type Measured = {
  readonly collectors: readonly { readonly cells: readonly (string | number)[] }[]
  readonly totals: readonly (string | number)[]
  readonly imbalance: number
  readonly ratio: number
}

/** What is under way at the end comes in within this. */
const SETTLE_MS = 15_000

async function measure(
  site: Site,
  { devices, interval, minutes }: { devices: number; interval: number; minutes: number },
): Promise<Measured> {
  const usages = (): Promise<Usage[]> =>
    Promise.all([...site.collectors.map(({ pid }) => pid), site.vmPid()].map(readUsage))
  // Whole intervals: each device is due once in each, whatever its phase.
  const intervals = Math.max(1, Math.round((minutes * 60) / interval))
  const seconds = intervals * interval
  const before = await usages()
  const startedAt = performance.now()
  await delay(seconds * 1_000)
  const to = Math.floor(Date.now() / 1_000) * 1_000
  const lastedSeconds = (performance.now() - startedAt) / 1_000
  const after = await usages()
  await delay(SETTLE_MS)
  await using victoriaMetrics = connectVictoriaMetrics(site.vmUrl)
  await victoriaMetrics.flush()
  const ask = askedAt(victoriaMetrics, to, seconds)
  const [shares, lags, missed, probes] = [
    await ask('last_over_time(wardline_share_devices[#])'),
    await ask('max_over_time(wardline_slot_lag_seconds{kind="ping"}[#])'),
    await ask('increase_pure(wardline_slots_missed_total{kind="ping"}[#])'),
    await ask('sum(count_over_time(ping_up{device!="wardline-canary"}[#]))'),
  ]
  const percent = (cpuSeconds: number): number => round((100 * cpuSeconds) / lastedSeconds, 1)
  const took = (index: number, of: 'cpuSeconds' | 'childrenCpuSeconds'): number =>
    (after[index]?.[of] ?? 0) - (before[index]?.[of] ?? 0)
  const counts = site.collectors.map(({ name }) => shares.get(name) ?? 0)
  const mean = devices / site.collectors.length
  const imbalance = Math.max(...counts.map((count) => Math.abs(count - mean) / mean))
  const stored = probes.get('') ?? 0
  const due = devices * intervals
  const cpuSeconds = site.collectors.reduce(
    (sum, _, index) => sum + took(index, 'cpuSeconds') + took(index, 'childrenCpuSeconds'),
    0,
  )
  return {
    collectors: site.collectors.map(({ name }, index) => ({
      cells: [
        name,
        counts[index] ?? 0,
        percent(took(index, 'cpuSeconds')),
        percent(took(index, 'childrenCpuSeconds')),
        round((after[index]?.rssBytes ?? 0) / 1e6),
        round(lags.get(name) ?? Number.NaN, 3),
        missed.get(name) ?? 0,
      ],
    })),
    totals: [
      due,
      stored,
      round(stored / due, 5),
      round(100 * imbalance, 2),
      round((1e6 * cpuSeconds) / stored, 0),
      Math.round(stored / cpuSeconds),
      percent(took(site.collectors.length, 'cpuSeconds')),
    ],
    imbalance,
    ratio: stored / due,
  }
}

/** Values by `instance`, over the time that was measured; `#` stands for it. */
const askedAt =
  (victoriaMetrics: VictoriaMetrics, at: number, seconds: number) =>
  async (expr: string): Promise<Map<string, number>> => {
    const rows = await victoriaMetrics.query(expr.replaceAll('#', `${seconds}s`), {
      at,
      timeoutMs: 60_000,
    })
    return new Map(rows.map(({ labels, value }) => [labels['instance'] ?? '', value]))
  }

/** What a change of the collectors costs each of them, on its main thread. */
function dividing(devices: number): (string | number)[][] {
  const inventory = new Map(
    Array.from({ length: devices }, (_, index) => [`device-${index}`, {} as Device]),
  )
  return [4, 16].map((count) => {
    const names = Array.from({ length: count }, (_, index) => `collector-${index + 1}`)
    const times = Array.from({ length: 20 }, () => {
      const startedAt = performance.now()
      shareOf(inventory, names, 'collector-1')
      return performance.now() - startedAt
    })
    return [devices, count, round(percentile(times, 0.5)), round(Math.max(...times))]
  })
}

const boundsOf = (what: string, { imbalance, ratio }: Measured): Bound[] => [
  {
    what: `a collector's devices off the mean (${what})`,
    unit: '%',
    kind: 'most',
    bound: 10,
    measured: round(100 * imbalance, 2),
  },
  {
    what: `ping samples stored ÷ due (${what})`,
    unit: '',
    kind: 'least',
    bound: 0.999,
    measured: round(ratio, 5),
  },
]
