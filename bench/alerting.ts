import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openChild } from '../lab/child.ts'
import { startRedis } from '../lib/embedded/redis.ts'
import { startVictoriaMetrics } from '../lib/embedded/victoria-metrics.ts'
import { createLog } from '../lib/log.ts'
import type { Question as EngineQuestion } from './alerting/engine-main.ts'
import type { Question as FeederQuestion } from './alerting/feeder-main.ts'
import { ruleFile } from './alerting/rules.ts'
import { startVmalert } from './alerting/vmalert.ts'
import { type Bound, type Measurement, round } from './measurement.ts'
import { readMemory, readUsage } from './usage.ts'

/** What an evaluator tells of its work so far. */
export type Evaluated = {
  readonly count: number
  readonly seconds: number
  readonly missed: number
  /** As of now: alerts that fire, and series that are recorded. */
  readonly firing: number
  readonly recorded: number
  readonly failures: readonly string[]
}

export type Evaluator = AsyncDisposable & {
  readonly pid: number
  evaluated(): Promise<Evaluated>
}

type Phase = {
  readonly name: string
  readonly evaluations: number
  readonly missed: number
  /** Of one evaluation. */
  readonly seconds: number
  readonly cpuSeconds: number
  readonly storeCpuSeconds: number
  readonly rssMb: { readonly mean: number; readonly max: number }
  readonly firing: number
  readonly recorded: number
}

/** The same rules over the same samples, by vmalert and by wardline, one after the other. */
export const alerting: Measurement<{
  readonly devices: number
  readonly interval: number
  readonly ping: number
  readonly minutes: number
  readonly warmup: number
  readonly rounds: number
}> = {
  title: 'Alerting: the same 20 rules by vmalert and by wardline, one VictoriaMetrics',
  defaults: { devices: 10_000, interval: 15, ping: 15, minutes: 2, warmup: 1.5, rounds: 2 },
  async run({ devices, interval, ping, minutes, warmup, rounds }, { say }) {
    await using stand = await openStand(devices, ping)
    say(
      `${devices} devices with samples every ${ping} s: ${warmup} min before the first evaluation`,
    )
    await delay(warmup * 60_000)
    const phases: Phase[] = []
    for (let round = 1; round <= rounds; round++) {
      for (const name of ['vmalert', 'wardline'] as const) {
        const file = join(stand.folder, `${name}.yml`)
        await writeFile(file, ruleFile(name, interval, devices))
        await using evaluator = await stand.start(name, file)
        say(`${name}: ${warmup} min of warm-up, ${minutes} min`)
        await delay(warmup * 60_000)
        phases.push(await measure(name, evaluator, stand.storePid, minutes))
      }
    }
    return {
      tables: [
        {
          title: `20 rules over ${devices} devices every ${interval} s`,
          columns: [
            'evaluator',
            'evaluations',
            'missed',
            'evaluation s',
            'CPU s each',
            'VictoriaMetrics CPU s each',
            'RSS MB',
            'RSS MB max',
            'firing',
            'recorded',
          ],
          rows: phases.map((phase) => [
            phase.name,
            phase.evaluations,
            phase.missed,
            round(phase.seconds, 3),
            round(phase.cpuSeconds, 3),
            round(phase.storeCpuSeconds, 3),
            round(phase.rssMb.mean),
            round(phase.rssMb.max),
            phase.firing,
            phase.recorded,
          ]),
        },
      ],
      bounds: boundsOf(phases),
    }
  },
}

type Stand = AsyncDisposable & {
  readonly folder: string
  readonly storePid: number
  start(name: 'vmalert' | 'wardline', file: string): Promise<Evaluator>
}

async function openStand(devices: number, intervalSeconds: number): Promise<Stand> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const log = createLog('warn')
  const { signal } = new AbortController()
  const listen = { listen: '127.0.0.1:8428', retention: '1d' }
  const store = stack.use(await startVictoriaMetrics(listen, folder, log, signal))
  const redis = stack.use(await startRedis(folder, log, signal))
  const alertmanagerUrl = await startSink(stack)
  const feeder = new URL('./alerting/feeder-main.ts', import.meta.url)
  stack.use(
    await openChild<FeederQuestion>(feeder, 'the process that writes the samples', {
      ask: 'feed',
      vmUrl: store.url,
      devices,
      intervalSeconds,
    }),
  )
  const owned = stack.move()
  return {
    folder,
    storePid: store.pid ?? 0,
    async start(name, file) {
      if (name === 'vmalert') return startVmalert(file, store.url, alertmanagerUrl)
      const engine = new URL('./alerting/engine-main.ts', import.meta.url)
      const child = await openChild<EngineQuestion>(engine, "the process of wardline's engine", {
        ask: 'run',
        file,
        vmUrl: store.url,
        redisUrl: redis.url,
        alertmanagerUrl,
      })
      return {
        pid: child.pid,
        evaluated: async () => (await child.ask({ ask: 'evaluated' })) as Evaluated,
        [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** In Alertmanager's place: takes whatever it is sent. */
async function startSink(stack: AsyncDisposableStack): Promise<string> {
  const server = createServer((request, response) => {
    request.on('end', () => response.end()).resume()
  }).listen(9093, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return 'http://127.0.0.1:9093'
}

const LOOK_EVERY_MS = 1_000

async function measure(
  name: string,
  { pid, evaluated }: Evaluator,
  storePid: number,
  minutes: number,
): Promise<Phase> {
  const [before, own, store] = [await evaluated(), await readUsage(pid), await readUsage(storePid)]
  const rss: number[] = []
  const until = performance.now() + minutes * 60_000
  while (performance.now() < until) {
    rss.push((await readMemory(pid)).rssBytes / 1e6)
    await delay(LOOK_EVERY_MS)
  }
  const [ownAfter, storeAfter] = [await readUsage(pid), await readUsage(storePid)]
  const after = await evaluated()
  const [failure] = after.failures
  if (failure !== undefined) throw new Error(`${name}: ${failure}`)
  const evaluations = after.count - before.count
  return {
    name,
    evaluations,
    missed: after.missed - before.missed,
    seconds: (after.seconds - before.seconds) / evaluations,
    cpuSeconds: (ownAfter.cpuSeconds - own.cpuSeconds) / evaluations,
    storeCpuSeconds: (storeAfter.cpuSeconds - store.cpuSeconds) / evaluations,
    rssMb: { mean: rss.reduce((sum, one) => sum + one, 0) / rss.length, max: Math.max(...rss) },
    firing: after.firing,
    recorded: after.recorded,
  }
}

function boundsOf(phases: readonly Phase[]): Bound[] {
  const ratio = (of: (phase: Phase) => number): number => {
    const sum = (name: string): number =>
      phases.reduce((total, phase) => total + (phase.name === name ? of(phase) : 0), 0)
    return round(sum('wardline') / sum('vmalert'), 2)
  }
  const shared = { unit: '', kind: 'most' } as const
  return [
    {
      ...shared,
      what: 'evaluation, wardline ÷ vmalert',
      bound: 1,
      measured: ratio(({ seconds }) => seconds),
    },
    {
      ...shared,
      what: 'CPU, wardline ÷ vmalert',
      bound: 1.5,
      measured: ratio(({ cpuSeconds }) => cpuSeconds),
    },
    {
      ...shared,
      what: 'evaluations missed by wardline',
      bound: 0,
      measured: phases.reduce((sum, one) => sum + (one.name === 'wardline' ? one.missed : 0), 0),
    },
    {
      what: 'alerts that fire, wardline ÷ vmalert',
      unit: '',
      kind: 'least',
      bound: 0.9,
      measured: ratio(({ firing }) => firing),
    },
    {
      what: 'series recorded, wardline ÷ vmalert',
      unit: '',
      kind: 'least',
      bound: 0.99,
      measured: ratio(({ recorded }) => recorded),
    },
  ]
}
