import { afterAll, beforeAll, expect, test } from 'vitest'
import { runApi } from '../../../api/main.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import type { Clock } from '../../../lib/clock.ts'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { STALE, type StaleSample, encodeWriteRequest } from '../../../lib/remote-write.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { alert, evaluated, feed, ping, state } from './stand.ts'

// A history of an hour is told to a real VictoriaMetrics step by step, as collector and alerting write it, while the API's
// clock stands at each step. What the API answers then is kept, and asked for again when all of it is past.

const BEGIN = Date.UTC(2026, 10, 22, 9, 0, 0)
const STEP_MS = 10_000
const STEPS = 240
const INTERVAL_MS = 10_000

const snmp = {
  modules: [],
  credentials: ['c'],
  port: 161,
  intervalMs: 60_000,
  timeoutMs: 1_000,
}
const fleet: Device[] = Array.from({ length: 24 }, (_, index) =>
  device(`d${index}`, {
    branch: `branch ${index % 4}`,
    region: `region ${index % 2}`,
    parents: index % 6 === 0 ? [] : [`d${index - (index % 6)}`],
    enabled: index !== 23,
    snmp: index % 3 === 0 ? snmp : null,
  }),
)

let seed = 20_261_122
/** The same numbers in each run. */
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}

/** What each device goes through, decided in advance: up, down, or silent, from one step to another. */
type Fate = { is: 'up' | 'down' | 'silent'; since: number }
const fates = fleet.map(() => {
  let fate: Fate = { is: 'up', since: BEGIN }
  return Array.from({ length: STEPS }, (_, step): Fate => {
    if (random() < 0.03) {
      const is = fate.is === 'up' ? (random() < 0.7 ? 'down' : 'silent') : 'up'
      fate = { is, since: BEGIN + step * STEP_MS }
    }
    return fate
  })
})

/** What collector and alerting write at a step: what they know by then, and no more. */
function samplesOf(step: number): Sample[] {
  const at = BEGIN + step * STEP_MS
  const samples: Sample[] = [evaluated(at), ...collectorAt(step)]
  for (const [index, each] of fleet.entries()) {
    const { is, since } = fates[index]?.[step] ?? { is: 'silent', since: at }
    if (is !== 'silent' && (step * STEP_MS) % INTERVAL_MS === 0) {
      samples.push(ping(each, at, is === 'up' ? 0.001 + random() / 100 : null))
    }
    // An evaluation says a state when it changed, stamped with the evaluation's time, and again every five minutes.
    if (is !== 'silent' && (at === since || step % 30 === 0)) {
      samples.push(state(each.id, is === 'up', since, at))
    }
    if (is === 'down') {
      const labels = { alertname: 'DeviceDown', severity: 'critical', ...identityLabels(each) }
      samples.push(...alert({ ...labels, alertstate: 'firing' }, since, at))
    }
    if (each.snmp !== null && step % 6 === 0 && is !== 'silent') {
      samples.push({
        measurement: 'snmp',
        labels: identityLabels(each),
        fields: {
          up: is === 'up' ? 1 : 0,
          ...(is === 'up' ? { poll_seconds: random() } : {}),
          pdus: 9,
          errors: 0,
        },
        at,
      })
      if (is === 'up') {
        const labels = { ...identityLabels(each), ifIndex: '2', ifName: 'wan', uplink: 'isp' }
        const fields = { ifOperStatus: random() < 0.2 ? 2 : 1, ifAdminStatus: 1 }
        samples.push({ measurement: '', labels, fields, at })
      }
    }
  }
  return samples
}

/** What a collector says of itself, each 10 s or so: how late it is, how much it has to do, and who it is. */
function collectorAt(step: number): Sample[] {
  const at = BEGIN + step * STEP_MS
  const of = (fields: Sample['fields'], labels: Sample['labels'] = {}): Sample => ({
    measurement: '',
    labels: { instance: 'c1', ...labels },
    fields,
    at,
  })
  return [
    of({ wardline_slot_lag_seconds: random() }, { loop: 'ping' }),
    of({ wardline_collector_targets: fleet.length - (step % 3) }, { kind: 'ping' }),
    of({ wardline_share_devices: fleet.length, wardline_members: 1 }),
    of({ wardline_loop_last_success_timestamp_seconds: at / 1000 }, { loop: 'ping' }),
    of({ wardline_build_info: 1 }, { component: 'collector', version: `1.${step}.0` }),
  ]
}

/** Alerts that ended with this step get a stale marker, as alerting writes them. */
async function endAlerts(vm: VictoriaMetrics, step: number): Promise<void> {
  const at = BEGIN + step * STEP_MS
  const series = fleet.flatMap((each, index): StaleSample[] => {
    const wasDown = fates[index]?.[step - 1]?.is === 'down'
    if (!wasDown || fates[index]?.[step]?.is === 'down') return []
    const own = { alertname: 'DeviceDown', severity: 'critical', ...identityLabels(each) }
    return [
      { labels: { __name__: 'ALERTS', alertstate: 'firing', ...own }, value: STALE, at },
      { labels: { __name__: 'ALERTS_FOR_STATE', ...own }, value: STALE, at },
    ]
  })
  if (series.length > 0) await vm.remoteWrite(encodeWriteRequest(series))
}

let now = BEGIN
let underWay = 0
/** Time stands still until the test moves it. */
const clock: Clock = {
  now: () => now,
  sleepUntil: (_at, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      if (signal.aborted) reject(signal.reason as Error)
    }),
}

let stores: Stores
let url: string
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  stores = owned.use(await startStores())
  const counted = (vm: VictoriaMetrics): VictoriaMetrics => ({
    ...vm,
    async query(expr, options) {
      underWay++
      try {
        return await vm.query(expr, options)
      } finally {
        underWay--
      }
    },
    separate: (connections) => counted(vm.separate(connections)),
  })
  const listen = `127.0.0.1:${await freePort()}`
  const ending = new AbortController()
  const running = runApi(
    {
      config: configSchema.parse({ data_dir: stores.dataDir, api: { listen } }),
      inventory: inventoryOf(...fleet),
      victoriaMetrics: counted(owned.use(connectVictoriaMetrics(stores.vmUrl))),
      redis: stores.redis,
      log: createLog('silent'),
      clock,
      version: '0.0.0-test',
      mode: 'standalone',
    },
    ending.signal,
  )
  owned.defer(async () => {
    ending.abort()
    await running
  })
  url = `http://${listen}`
  await waitFor(async () => (await fetch(`${url}/livez`)).ok, { what: 'the API' })
}, 60_000)
afterAll(() => owned.disposeAsync())

const PATHS = [
  '/api/v1/devices',
  '/api/v1/devices?status=down,unreachable&sort=-downtime&fields=id,down_since,downtime_seconds',
  '/api/v1/devices/d7',
  '/api/v1/branches',
  '/api/v1/regions',
  '/api/v1/dashboard/stats',
  '/api/v1/alerts?state=any',
  '/api/v1/collectors',
  '/api/v1/snmp/slowest?limit=5',
]

async function answer(path: string): Promise<{ asOf: string; body: unknown }> {
  const response = await fetch(url + path)
  expect(response.status, path).toBe(200)
  return { asOf: response.headers.get('x-wardline-as-of') ?? '', body: await response.json() }
}

test(
  'the answers at a past instant are those that were given then',
  { timeout: 180_000 },
  async () => {
    const recorded: { path: string; asOf: string; body: unknown }[] = []
    for (let step = 0; step < STEPS; step++) {
      await feed(stores.victoriaMetrics, samplesOf(step))
      if (step > 0) await endAlerts(stores.victoriaMetrics, step)
      // The page reads all the time: what is remembered from view to view is what it would be.
      // Views up to 3 s old answer: these are further apart.
      now = BEGIN + step * STEP_MS + 1_000 + Math.floor(random() * 2_000)
      if (step % 6 !== 0) {
        await answer('/api/v1/dashboard/stats')
        continue
      }
      await stores.victoriaMetrics.flush()
      await answer('/api/v1/dashboard/stats')
      await waitFor(() => underWay === 0, { what: 'what is asked in the background' })
      now += 3_001 + Math.floor(random() * 1_500)
      for (const path of PATHS) recorded.push({ path, ...(await answer(path)) })
    }
    now = BEGIN + STEPS * STEP_MS + 3_600_000

    // Lists that say something: two that are always empty are the same, too.
    for (const path of PATHS.slice(-2)) {
      const lists = recorded.filter((one) => one.path === path).map(({ body }) => body as unknown[])
      expect(Math.max(...lists.map(({ length }) => length)), path).toBeGreaterThan(0)
    }
    const statuses = new Set<string>()
    for (const { path, asOf, body } of recorded) {
      const past = await answer(`${path}${path.includes('?') ? '&' : '?'}at=${asOf}`)
      expect(past, `${path} at ${asOf}`).toEqual({ asOf, body })
      if (path === '/api/v1/devices') {
        for (const { status } of body as { status: string }[]) statuses.add(status)
      }
    }
    expect([...statuses].toSorted()).toEqual(['disabled', 'down', 'unknown', 'unreachable', 'up'])
  },
)

test('an instant is asked for once, however many ask, and again when it may not be settled', async () => {
  const settled = new Date(BEGIN + 1_000_000).toISOString()
  const before = await answer(`/api/v1/devices?at=${settled}`)
  const startedAt = performance.now()
  const many = await Promise.all(PATHS.map((path) => answer(`${path.split('?')[0]}?at=${settled}`)))

  expect(new Set(many.map(({ asOf }) => asOf))).toEqual(new Set([before.asOf]))
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test('the instant of before anything was known tells nothing, and not that all is well', async () => {
  const { body } = await answer('/api/v1/devices?at=2001-01-01T00:00:00Z')
  const devices = body as { status: string; since: string | null }[]

  expect(new Set(devices.map(({ status }) => status))).toEqual(new Set(['unknown', 'disabled']))
  expect(devices.every(({ since }) => since === null)).toBe(true)
})
