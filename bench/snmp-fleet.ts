import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Child, startChild } from '../lab/child.ts'
import { type FastAgents, fastAddresses, startFastAgents } from '../lab/fast-agents.ts'
import { createRandom } from '../lab/random.ts'
import { startVictoriaMetrics } from '../lib/embedded/victoria-metrics.ts'
import { createLog } from '../lib/log.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Bound, type Measurement, percentile, round } from './measurement.ts'
import type { Counted, Question } from './snmp/fleet-main.ts'
import { COMMUNITY } from './snmp/questions.ts'
import { countSockets, readUdpErrors } from './snmp/udp-counters.ts'
import { readMemory, readUsage } from './usage.ts'

/** The collector's SNMP loop over ten thousand agents, then with a third of them silent. */
export const snmpFleet: Measurement<{
  readonly agents: number
  readonly interval: number
  readonly minutes: number
  readonly warmup: number
  readonly silent: number
}> = {
  title: 'SNMP fleet: slots, sockets, lost packets, memory and CPU, then with silent agents',
  defaults: { agents: 10_000, interval: 60, minutes: 10, warmup: 3, silent: 0.33 },
  async run({ agents: count, interval, minutes, warmup, silent }, { say }) {
    await using fleet = await openFleet(count, interval)
    say(`${count} agents, each polled every ${interval} s: ${warmup} min of warm-up`)
    await delay(warmup * 60_000)
    const phases: Phase[] = []
    for (const share of [0, silent]) {
      const quiet = createRandom('silent')
        .shuffle(fleet.addresses)
        .slice(0, count * share)
      await fleet.agents.silence(quiet)
      if (share > 0) {
        say(`${quiet.length} of them fall silent: ${warmup} min of warm-up`)
        await delay(warmup * 60_000)
      }
      say(`${share === 0 ? 'all answer' : 'a share is silent'}: ${minutes} min`)
      const slots = Math.max(1, Math.round((minutes * 60) / interval))
      phases.push(await measure(fleet, { slots, interval, quiet }))
    }
    return { tables: [tableOf(phases), lossTableOf(phases)], bounds: boundsOf(phases) }
  },
}

type Fleet = AsyncDisposable & {
  readonly addresses: readonly string[]
  readonly agents: FastAgents
  readonly collector: Child<Question>
  readonly victoriaMetrics: VictoriaMetrics
}

type Phase = Counted & {
  readonly what: string
  readonly liveDue: number
  /** Polls of live devices found in VictoriaMetrics. */
  readonly stored: number
  readonly cpuPercent: number
  readonly rssMb: { readonly mean: number; readonly max: number; readonly growth: number }
  readonly sockets: { readonly all: number; readonly udp: number }
  readonly lost: { readonly receiveBuffer: number; readonly in: number }
}

const INTERFACES = 4
const LOOK_EVERY_MS = 2_000
/** A poll has 10 s, and its last samples wait a moment for their batch. */
const LAST_POLLS_MS = 13_000

async function openFleet(count: number, intervalSeconds: number): Promise<Fleet> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const store = stack.use(
    await startVictoriaMetrics(
      { listen: '127.0.0.1:8428', retention: '1d' },
      folder,
      createLog('warn'),
      new AbortController().signal,
    ),
  )
  const victoriaMetrics = stack.use(connectVictoriaMetrics(store.url))
  const addresses = fastAddresses(count)
  const agents = stack.use(
    await startFastAgents({ addresses, community: COMMUNITY, interfaces: INTERFACES }),
  )
  const file = new URL('./snmp/fleet-main.ts', import.meta.url)
  const collector = stack.use(startChild<Question>(file, "the process of the collector's loop"))
  await collector.ask({
    ask: 'run',
    addresses,
    modules: ['scalars', 'named'],
    credential: { version: '2c', community: COMMUNITY },
    intervalSeconds,
    vmUrl: store.url,
  })
  const owned = stack.move()
  return {
    addresses,
    agents,
    collector,
    victoriaMetrics,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Over whole intervals: each device is due equally often, whatever the phase. */
async function measure(
  { addresses, collector, victoriaMetrics }: Fleet,
  { slots, interval, quiet }: { slots: number; interval: number; quiet: readonly string[] },
): Promise<Phase> {
  const from = Math.ceil((Date.now() + 500) / 1000) * 1000
  const to = from + slots * interval * 1000
  await collector.ask({ ask: 'count', from, to, silent: quiet })
  await delay(from - Date.now())
  const [before, lostBefore] = [await readUsage(collector.pid), await readUdpErrors()]
  const startedAt = performance.now()
  const rss: number[] = []
  let sockets = { all: 0, udp: 0 }
  while (Date.now() < to) {
    rss.push((await readMemory(collector.pid)).rssBytes / 1e6)
    const now = await countSockets(collector.pid)
    sockets = { all: Math.max(sockets.all, now.all), udp: Math.max(sockets.udp, now.udp) }
    await delay(Math.max(0, Math.min(LOOK_EVERY_MS, to - Date.now())))
  }
  const after = await readUsage(collector.pid)
  const seconds = (performance.now() - startedAt) / 1000
  await delay(LAST_POLLS_MS)
  const lost = await readUdpErrors()
  const counted = (await collector.ask({ ask: 'counted' })) as Counted
  return {
    ...counted,
    what: quiet.length === 0 ? 'all answer' : `${quiet.length} silent`,
    liveDue: (addresses.length - quiet.length) * slots,
    stored: await storedPolls(victoriaMetrics, from, to),
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
    rssMb: describeRss(rss),
    sockets,
    lost: {
      receiveBuffer: lost.receiveBuffer - lostBefore.receiveBuffer,
      in: lost.in - lostBefore.in,
    },
  }
}

async function storedPolls(
  victoriaMetrics: VictoriaMetrics,
  from: number,
  to: number,
): Promise<number> {
  await victoriaMetrics.flush()
  // The window is open at its start: a sample at `from` is in.
  const window = `${(to - from) / 1000}s`
  const [sum] = await victoriaMetrics.query(`sum(sum_over_time(snmp_up[${window}]))`, {
    at: to - 1,
  })
  return sum?.value ?? 0
}

/** Growth from the first third to the last one, by their medians: what a collection of garbage does is left out. */
function describeRss(megabytes: readonly number[]): Phase['rssMb'] {
  const third = Math.max(1, Math.floor(megabytes.length / 3))
  const early = percentile(megabytes.slice(0, third), 0.5)
  const late = percentile(megabytes.slice(-third), 0.5)
  return {
    mean: megabytes.reduce((sum, value) => sum + value, 0) / megabytes.length,
    max: Math.max(...megabytes),
    growth: late - early,
  }
}

function tableOf(phases: readonly Phase[]) {
  return {
    title:
      'The loop, and live devices’ polls: how long one takes, and how long after its slot began it was over',
    columns: [
      'agents',
      'due',
      'polls',
      'stored',
      'failed',
      'missed',
      'p50 ms',
      'p99 ms',
      'over p99 s',
      'over max s',
      'silent: polls',
      'left out',
    ],
    rows: phases.map((phase) => [
      phase.what,
      phase.liveDue,
      phase.live.polls,
      phase.stored,
      phase.live.failed,
      phase.missed,
      round(phase.pollSeconds.p50 * 1000, 2),
      round(phase.pollSeconds.p99 * 1000, 2),
      round(phase.endedAfterSeconds.p99, 2),
      round(phase.endedAfterSeconds.max, 2),
      phase.silent.polls,
      phase.rested,
    ]),
  }
}

function lossTableOf(phases: readonly Phase[]) {
  return {
    title: 'What it takes, and what the kernel lost',
    columns: [
      'agents',
      'CPU % of a core',
      'PDUs',
      'RSS MB',
      'RSS MB max',
      'RSS growth MB',
      'UDP sockets',
      'all sockets',
      'RcvbufErrors',
      'InErrors',
      'lag s max',
    ],
    rows: phases.map((phase) => [
      phase.what,
      round(phase.cpuPercent, 1),
      phase.pdus,
      round(phase.rssMb.mean),
      round(phase.rssMb.max),
      round(phase.rssMb.growth),
      phase.sockets.udp,
      phase.sockets.all,
      phase.lost.receiveBuffer,
      phase.lost.in,
      round(phase.lagSeconds, 3),
    ]),
  }
}

function boundsOf(phases: readonly Phase[]): Bound[] {
  const bounds = phases.flatMap((phase): Bound[] => {
    const most = (what: string, unit: string, bound: number, measured: number): Bound => ({
      what: `${what} (${phase.what})`,
      unit,
      kind: 'most',
      bound,
      measured: round(measured, 2),
    })
    return [
      most('slots missed', '', 0, phase.missed),
      most('live devices’ polls not made', '', 0, phase.liveDue - phase.live.polls),
      most('live devices’ polls that failed', '', 0, phase.live.failed),
      most('live devices’ polls not stored', '', 0, phase.liveDue - phase.stored),
      most('UDP sockets', '', 8, phase.sockets.udp),
      most('RcvbufErrors of the namespace', '', 0, phase.lost.receiveBuffer),
      most('RSS', 'MB', 250, phase.rssMb.max),
      most('RSS growth from the first third to the last', 'MB', 10, phase.rssMb.growth),
    ]
  })
  const [all, some] = phases
  if (all === undefined || some === undefined) return bounds
  return [
    ...bounds,
    {
      what: 'end of the cycle (p99) with silent agents ÷ without',
      unit: '',
      kind: 'most',
      bound: 1.1,
      measured: round(some.endedAfterSeconds.p99 / all.endedAfterSeconds.p99, 2),
    },
  ]
}
