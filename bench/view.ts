import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLiveVectors } from '../api/view/live-vectors.ts'
import { type Vectors, type Windows, askVectors } from '../api/view/vectors.ts'
import { startVictoriaMetrics } from '../lib/embedded/victoria-metrics.ts'
import { type Sample, encodeLine } from '../lib/line-protocol.ts'
import { createLog } from '../lib/log.ts'
import { connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Measurement, percentile, round } from './measurement.ts'
import { readUsage } from './usage.ts'

const LISTEN = '127.0.0.1:8428'
/** Of what a view costs VictoriaMetrics when each asks for the whole fleet. */
const MOST_OF_QUERIES = 0.25
const SETTLES_MS = 10_000

/** What VictoriaMetrics is asked for a view: the last samples of the fleet by queries, and by following them. */
export const view: Measurement<{
  readonly devices: number
  readonly interval: number
  readonly seconds: number
}> = {
  title: 'View: the last samples of a fleet each second, by queries and by following what is new',
  defaults: { devices: 10_000, interval: 30, seconds: 60 },
  async run({ devices, interval, seconds }, { say }) {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'wardline-bench-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const { signal } = new AbortController()
    const settings = { listen: LISTEN, retention: '1y' }
    const log = createLog('silent')
    const server = stack.use(await startVictoriaMetrics(settings, folder, log, signal))
    const client = stack.use(connectVictoriaMetrics(server.url))
    const write = (samples: readonly Sample[]): Promise<void> =>
      client.writeLines(samples.map(encodeLine).join('\n'))

    say(`${devices} devices every ${interval} s: writing what was before`)
    const now = Math.floor(Date.now() / 1000)
    for (let second = now - 3 * interval; second < now; second += 1)
      await write(samplesAt(second, devices, interval))
    const feeding = setInterval(() => {
      const second = Math.floor(Date.now() / 1000)
      write(samplesAt(second, devices, interval)).catch((error: Error) => say(error.message))
    }, 1_000)
    stack.defer(() => clearInterval(feeding))
    await delay(SETTLES_MS)

    const windows: Windows = {
      pingMs: 2_500 * interval + 5_000,
      snmpMs: 395_000,
      alertsMs: 60_000,
      confirmMs: 3_000 * interval + 30_000,
    }
    const live = createLiveVectors(client)
    const bounds = { signal, timeoutMs: 10_000 }
    const ways: readonly (readonly [string, ((at: number) => Promise<Vectors>) | null])[] = [
      ['nobody reads', null],
      ['queries', (at) => askVectors(client, windows, at, bounds)],
      ['followed', (at) => live(windows, at, bounds)],
    ]
    const measured = []
    for (const [name, ask] of ways) {
      say(`${name}: ${seconds} s`)
      measured.push({ name, ...(await eachSecond(ask, seconds, server.pid ?? 0)) })
    }
    const idle = measured[0] ?? { storeMs: 0, ownMs: 0 }
    const rows = measured.slice(1).map(({ name, ms, storeMs, ownMs }) => ({
      name,
      ms,
      storeMs: storeMs - idle.storeMs,
      ownMs: ownMs - idle.ownMs,
    }))
    const [queries, followed] = rows
    return {
      tables: [
        {
          title: `${devices} devices every ${interval} s, a view each second`,
          columns: ['', 'VictoriaMetrics CPU ms', 'own CPU ms', 'p50 ms', 'p99 ms'],
          rows: rows.map(({ name, ms, storeMs, ownMs }) => [
            name,
            round(storeMs),
            round(ownMs),
            round(percentile(ms, 0.5)),
            round(percentile(ms, 0.99)),
          ]),
        },
      ],
      bounds: [
        {
          what: 'VictoriaMetrics CPU of a view, followed ÷ queries',
          unit: '',
          kind: 'most',
          bound: MOST_OF_QUERIES,
          measured: round((followed?.storeMs ?? Number.NaN) / (queries?.storeMs ?? 0), 3),
        },
      ],
    }
  },
}

/** What is due in a second: probes on a grid, each state again every 5 minutes, a poll each minute. */
function samplesAt(second: number, devices: number, interval: number): Sample[] {
  const at = second * 1_000
  const samples: Sample[] = []
  for (let place = 0; place < devices; place += 1) {
    const device = `device-${place}`
    const branch = { branch: `branch-${place % 128}`, region: `region-${place % 10}` }
    const labels = { device, ...branch, vantage: 'bench' }
    if ((second + place) % interval === 0) {
      const fields = { up: 1, rtt_seconds: 0.004, loss_ratio: 0 }
      samples.push({ measurement: 'ping', labels, fields, at })
    }
    if ((second + place) % 60 === 0)
      samples.push({ measurement: 'snmp', labels, fields: { up: 1 }, at })
    if ((second + place) % 300 === 0) {
      const fields = { state_up: 1, state_since: 1_795_000_000 }
      samples.push({ measurement: 'device', labels: { device }, fields, at })
    }
  }
  return samples
}

/** Milliseconds of CPU for each second, and how long each answer took. */
async function eachSecond(
  ask: ((at: number) => Promise<unknown>) | null,
  seconds: number,
  pid: number,
): Promise<{ ms: number[]; storeMs: number; ownMs: number }> {
  const ms: number[] = []
  await ask?.(Date.now())
  const [store, own] = [await readUsage(pid), process.cpuUsage()]
  const startedAt = performance.now()
  for (let turn = 0; turn < seconds; turn += 1) {
    await delay(Math.max(0, startedAt + turn * 1_000 - performance.now()))
    const askedAt = performance.now()
    await ask?.(Date.now())
    if (ask !== null) ms.push(performance.now() - askedAt)
  }
  await delay(Math.max(0, startedAt + seconds * 1_000 - performance.now()))
  const after = await readUsage(pid)
  const { user, system } = process.cpuUsage(own)
  return {
    ms,
    storeMs: ((after.cpuSeconds - store.cpuSeconds) * 1_000) / seconds,
    ownMs: (user + system) / 1_000 / seconds,
  }
}
