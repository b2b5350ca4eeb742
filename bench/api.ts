import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import { type Bound, type Measurement, percentile, round } from './measurement.ts'
import { openRig } from './rig.ts'

/** Latency of the answers that a dashboard lives on, beside VictoriaMetrics' own of one bare query. */
export const api: Measurement<{
  readonly devices: number
  readonly rate: number
  readonly seconds: number
}> = {
  title:
    'API: latency and age of the answers, beside a bare query of VictoriaMetrics in the same run',
  defaults: { devices: 876, rate: 20, seconds: 30 },
  async run({ devices, rate, seconds }, { say }) {
    say(`${devices} devices: starting`)
    await using rig = await openRig({ devices, intervalSeconds: 10 })
    await delay(90_000) // SNMP has polled everything once, and wardline's start is over
    say(`${rate} requests a second of each, for ${seconds} s`)
    const bare = new URLSearchParams({ query: 'last_over_time(ping_up[25s])', nocache: '1' })
    const [list, stats] = await Promise.all([
      ask(rig.apiUrl, '/api/v1/devices', rate, seconds),
      ask(rig.apiUrl, '/api/v1/dashboard/stats', rate, seconds),
    ])
    // After them, not beside them: the bare query takes both cores, and the answers would wait for those.
    const query = await ask(rig.vmUrl, `/api/v1/query?${bare}`, rate, seconds)
    const rowOf = (what: string, { ms, bytes, ageSeconds }: Answers) => [
      what,
      ms.length,
      round(percentile(ms, 0.5), 2),
      round(percentile(ms, 0.99), 2),
      round(Math.max(...ms), 2),
      round(percentile(ms, 0.5) / percentile(query.ms, 0.5), 2),
      Math.round(bytes / 1024),
      ageSeconds.length === 0 ? '' : round(Math.max(...ageSeconds), 2),
    ]
    return {
      tables: [
        {
          title: `${devices} devices`,
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
          rows: [
            rowOf('GET /api/v1/devices', list),
            rowOf('GET /api/v1/dashboard/stats', stats),
            rowOf('VictoriaMetrics: last_over_time(ping_up[25s])', query),
          ],
        },
      ],
      bounds: [
        latencyBound('GET /api/v1/devices', list),
        latencyBound('GET /api/v1/dashboard/stats', stats),
        ageBound('GET /api/v1/devices', list),
        ageBound('GET /api/v1/dashboard/stats', stats),
      ],
    }
  },
}

type Answers = {
  readonly ms: readonly number[]
  readonly ageSeconds: readonly number[]
  readonly bytes: number
}

/** Requests on a grid, whether or not the one before was answered: an answer that is late holds back none after it. */
async function ask(origin: string, path: string, rate: number, seconds: number): Promise<Answers> {
  const pool = new Pool(origin, { connections: 4 })
  const ms: number[] = []
  const ageSeconds: number[] = []
  let bytes = 0
  async function once(): Promise<void> {
    const askedAt = performance.now()
    const { statusCode, headers, body } = await pool.request({ method: 'GET', path })
    const answer = await body.arrayBuffer()
    ms.push(performance.now() - askedAt)
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`)
    bytes = answer.byteLength
    const age = headers['x-wardline-age-seconds']
    if (age !== undefined) ageSeconds.push(Number(age))
  }
  for (let warm = 0; warm < 10; warm++) await once()
  ms.length = 0
  ageSeconds.length = 0

  // Each path in its own phase, so that they don't meet at the same instant each time.
  const startAt = performance.now() + Math.random() * (1000 / rate)
  const asked: Promise<void>[] = []
  for (let turn = 0; turn < rate * seconds; turn++) {
    const dueAt = startAt + (turn * 1000) / rate
    await delay(Math.max(0, dueAt - performance.now()))
    asked.push(once())
  }
  await Promise.all(asked)
  await pool.close()
  return { ms, ageSeconds, bytes }
}

const latencyBound = (what: string, { ms }: Answers): Bound => ({
  what: `${what}, p99`,
  unit: 'ms',
  kind: 'most',
  bound: 25,
  measured: round(percentile(ms, 0.99), 2),
})

const ageBound = (what: string, { ageSeconds }: Answers): Bound => ({
  what: `${what}, oldest answer`,
  unit: 's',
  kind: 'most',
  bound: 2,
  measured: round(Math.max(...ageSeconds), 2),
})
