import { setTimeout as delay } from 'node:timers/promises'
import { startBare } from './api/bare.ts'
import { type Answers, ask } from './api/load.ts'
import { writeHistory } from './api/history.ts'
import {
  type Bound,
  type Measurement,
  type Result,
  type Table,
  percentile,
  round,
} from './measurement.ts'
import { type Rig, openRig } from './rig.ts'

/** What is promised for this many devices at most: the 99th percentile of the list, in milliseconds. */
const LIST_MS = [
  { upTo: 1_000, bound: 10 },
  { upTo: 10_000, bound: 80 },
] as const
const STATS_MS = 5
const NOT_MODIFIED_MS = 3
const HEALTH_MS = 5
const OLDEST_S = 3
/** Longer than anything that was known stays good. */
const HANGS_S = 10
const WARMS_UP_S = 15

/** SNMP has polled everything once, and wardline's start is over. */
const SETTLES_MS = 90_000
const GZIP = { 'accept-encoding': 'gzip' }
/** Lists of so many devices a second, at most: a client reads them on the same machine. */
const MOST_ROWS_A_SECOND = 40_000

/** Latency of the answers that a dashboard lives on, beside VictoriaMetrics' own of one bare query. */
export const api: Measurement<{
  readonly devices: readonly number[]
  readonly days: number
  /** Lists a second. */
  readonly rate: number
  /** Of the short answers, a second. */
  readonly light: number
  readonly seconds: number
  /** 1: all services in one process, as `wardline up` runs them; 0: the API in one of its own, as docker compose does. */
  readonly together: number
}> = {
  title:
    'API: latency and age of the answers, beside a bare query of VictoriaMetrics in the same run',
  defaults: { devices: [876, 10_000], days: 30, rate: 20, light: 200, seconds: 30, together: 0 },
  async run({ devices, together, ...load }, { say }) {
    const results: Result[] = []
    for (const size of devices)
      results.push(await measure(size, { ...load, isApart: together === 0, say }))
    return {
      tables: results.flatMap(({ tables }) => tables),
      bounds: results.flatMap(({ bounds }) => bounds),
    }
  },
}

type Setting = {
  readonly days: number
  readonly rate: number
  readonly light: number
  readonly seconds: number
  readonly isApart: boolean
  readonly say: (text: string) => void
}

async function measure(
  devices: number,
  { days, rate, light, seconds, isApart, say }: Setting,
): Promise<Result> {
  const name = `${devices} devices, ${isApart ? 'the API in a process of its own' : 'one process'}`
  say(`${name}: starting`)
  const intervalSeconds = devices > 1_000 ? 30 : 10
  await using rig = await openRig({ devices, intervalSeconds, isApart })
  await using bare = await startBare()
  const values = await writeHistory(rig.vmUrl, rig.fleet.devices, days, say)
  await delay(SETTLES_MS)
  const listRate = Math.min(rate, MOST_ROWS_A_SECOND / devices)
  say(`${listRate} lists or ${light} short answers a second, ${seconds} s each`)
  const series = new URLSearchParams({ query: 'last_over_time(ping_up[75s])', nocache: '1' })
  const from = (path: string, more: object = {}): Promise<Answers> =>
    ask(rig.apiUrl, path, { rate: light, seconds, ...more })
  // A dashboard is open: what is looked up once for the first who reads is known.
  await from('/api/v1/dashboard/stats', { rate: 2, seconds: WARMS_UP_S })
  const list = await from('/api/v1/devices', { rate: listRate })
  const packed = await from('/api/v1/devices', { rate: listRate, headers: GZIP })
  // As a page polls: what is new comes compressed.
  const same = await from('/api/v1/devices', { conditional: true, headers: GZIP })
  const stats = await from('/api/v1/dashboard/stats')
  // With a reader beside it: without one the API rests, and VictoriaMetrics isn't asked for a view each second.
  const [floor] = await Promise.all([
    ask(bare.url, '/', { rate: light, seconds }),
    from('/api/v1/dashboard/stats', { rate: 1 }),
  ])
  const history = await from('/api/v1/devices/' + firstId(rig) + '/history?range=30d', { rate: 1 })
  // After them, not beside them: the bare query takes both cores, and the answers would wait for those.
  const query = await ask(rig.vmUrl, `/api/v1/query?${series}`, { rate: listRate, seconds })
  // Once nothing is known any more it says so, with a 503.
  const statuses = [200, 503]
  const health = await whileHanging(rig, () =>
    from('/api/v1/health', { seconds: HANGS_S, statuses }),
  )

  const of = (what: string): string => `${devices} devices: ${what}`
  const rows: readonly (readonly [string, Answers])[] = [
    ['GET /api/v1/devices', list],
    ['GET /api/v1/devices, gzip', packed],
    ['GET /api/v1/devices, 304', same],
    ['GET /api/v1/dashboard/stats', stats],
    ['GET /api/v1/health while VictoriaMetrics hangs', health],
    ['GET /api/v1/devices/{id}/history?range=30d', history],
    ['a bare node:http server: 304', floor],
    ['VictoriaMetrics: last_over_time(ping_up[75s])', query],
  ]
  const listBound = LIST_MS.find(({ upTo }) => devices <= upTo)?.bound ?? Infinity
  return {
    tables: [tableOf(`${name}, ${Math.round(values / 1e6)} million values`, rows, query)],
    bounds: [
      ...(Number.isFinite(listBound)
        ? [p99(of('the list'), list, listBound), p99(of('the list, gzip'), packed, listBound)]
        : []),
      p99(of('a list that the client has'), same, NOT_MODIFIED_MS),
      p99(of('dashboard/stats'), stats, STATS_MS),
      p99(of('health while VictoriaMetrics hangs'), health, HEALTH_MS),
      oldest(of('the list'), list),
      oldest(of('dashboard/stats'), stats),
    ],
  }
}

const firstId = ({ fleet }: Rig): string => encodeURIComponent(fleet.devices[0]?.id ?? '')

/** While VictoriaMetrics takes connections and answers nothing. */
async function whileHanging<T>({ pids }: Rig, work: () => Promise<T>): Promise<T> {
  process.kill(pids.victoriaMetrics, 'SIGSTOP')
  try {
    return await work()
  } finally {
    process.kill(pids.victoriaMetrics, 'SIGCONT')
  }
}

function tableOf(
  title: string,
  rows: readonly (readonly [string, Answers])[],
  query: Answers,
): Table {
  return {
    title,
    columns: [
      'request',
      'answers',
      'p50 ms',
      'p99 ms',
      'max ms',
      'p50 ÷ query',
      'KiB',
      'age s max',
    ],
    rows: rows.map(([what, { ms, bytes, ageSeconds }]) => [
      what,
      ms.length,
      round(percentile(ms, 0.5), 2),
      round(percentile(ms, 0.99), 2),
      round(Math.max(...ms), 2),
      round(percentile(ms, 0.5) / percentile(query.ms, 0.5), 2),
      Math.round(bytes / 1024),
      ageSeconds.length === 0 ? '' : round(Math.max(...ageSeconds), 2),
    ]),
  }
}

const p99 = (what: string, { ms }: Answers, bound: number): Bound => ({
  what: `${what}, p99`,
  unit: 'ms',
  kind: 'most',
  bound,
  measured: round(percentile(ms, 0.99), 2),
})

const oldest = (what: string, { ageSeconds }: Answers): Bound => ({
  what: `${what}, oldest answer`,
  unit: 's',
  kind: 'most',
  bound: OLDEST_S,
  measured: round(Math.max(...ageSeconds), 2),
})
