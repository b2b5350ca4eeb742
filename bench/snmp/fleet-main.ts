import { createHistogram } from 'node:perf_hooks'
import { boundHeap } from '../../bin/heap.ts'
import type { SnmpMeter } from '../../collector/meter.ts'
import { createPokes } from '../../collector/pokes.ts'
import { runSnmp } from '../../collector/snmp/loop.ts'
import { uplinkMatcher, uplinkTag } from '../../collector/snmp/uplinks.ts'
import { answerParent } from '../../lab/child.ts'
import { systemClock } from '../../lib/clock.ts'
import { createDelivery, memoryBacklog } from '../../lib/delivery.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { createLog } from '../../lib/log.ts'
import { createSampleWriter } from '../../lib/sample-writer.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'
import {
  CREDENTIAL,
  type Credential,
  benchModules,
  createDevice,
  parseCredentials,
} from './device-poll.ts'
import type { ModuleName } from './questions.ts'

/** The collector's SNMP loop and writer over a fleet, in a process that does nothing else. `run` comes first. */
export type Question =
  | {
      readonly ask: 'run'
      readonly addresses: readonly string[]
      readonly modules: readonly ModuleName[]
      readonly credential: Credential
      readonly intervalSeconds: number
      readonly vmUrl: string
    }
  /** From now on only slots of `from` up to `to` (Unix milliseconds) are counted. */
  | {
      readonly ask: 'count'
      readonly from: number
      readonly to: number
      readonly silent: readonly string[]
    }
  | { readonly ask: 'counted' }

export type Counted = {
  /** Of devices that answer. */
  readonly live: { readonly polls: number; readonly failed: number }
  readonly silent: { readonly polls: number }
  readonly missed: number
  readonly rested: number
  readonly lagSeconds: number
  /** Of live devices' polls: how long they took, and when they ended in their slot. */
  readonly pollSeconds: Quantiles
  readonly endedAfterSeconds: Quantiles
  /** Samples given up because VictoriaMetrics didn't take them. */
  readonly dropped: number
  readonly pdus: number
}

export type Quantiles = { readonly p50: number; readonly p99: number; readonly max: number }

// Nothing is kept for each poll: memory is one of the things that are measured here.
const pollMicros = createHistogram()
const endedMicros = createHistogram()
const counts = { live: 0, failed: 0, silent: 0, missed: 0, rested: 0, lag: 0, dropped: 0, pdus: 0 }
let [from, to] = [0, 0]
let silent: ReadonlySet<string> = new Set()

answerParent<Question>((question): Promise<Counted | null> => {
  switch (question.ask) {
    case 'run':
      void run(question)
      return Promise.resolve(null)
    case 'count':
      ;({ from, to } = question)
      silent = new Set(question.silent)
      Object.assign(counts, { live: 0, failed: 0, silent: 0, missed: 0 })
      Object.assign(counts, { rested: 0, lag: 0, dropped: 0, pdus: 0 })
      pollMicros.reset()
      endedMicros.reset()
      return Promise.resolve(null)
    case 'counted':
      return Promise.resolve(counted())
  }
})

async function run({
  addresses,
  modules,
  credential,
  intervalSeconds,
  vmUrl,
}: Extract<Question, { ask: 'run' }>): Promise<void> {
  using _heap = boundHeap() // as bin/main.ts does
  const log = createLog('error') // a third of the agents falls silent, which it would tell
  const victoriaMetrics = connectVictoriaMetrics(vmUrl)
  const delivery = createDelivery({
    victoriaMetrics,
    backlog: memoryBacklog(64 * 2 ** 20),
    meter: {
      stored() {},
      dropped: (samples) => void (counts.dropped += samples),
      waiting() {},
    },
    log,
  })
  const writer = createSampleWriter(delivery)
  const devices = addresses.map((address) =>
    createDevice(address, { modules, intervalMs: intervalSeconds * 1000 }),
  )
  await runSnmp(
    {
      inventory: {
        current: new Map(devices.map((device) => [device.id, device])),
        onChange: () => () => {},
      },
      credentials: parseCredentials({ [CREDENTIAL]: credential }),
      modules: benchModules(),
      tag: uplinkTag(uplinkMatcher([])),
      pokes: createPokes(),
      recoveries: createPokes(),
      write(samples) {
        writer.write(samples)
        note(samples)
      },
      resolve: ({ address }) => address,
      learn() {},
      meter,
      clock: systemClock,
      log,
    },
    new AbortController().signal, // the process ends with whoever asks
  )
}

/** The first sample of a poll is its summary. */
function note([summary]: readonly Sample[]): void {
  if (summary?.measurement !== 'snmp' || summary.at < from || summary.at >= to) return
  const { up, poll_seconds: seconds = 0, pdus = 0 } = summary.fields
  counts.pdus += pdus
  if (silent.has(summary.labels['device'] ?? '')) {
    counts.silent++
    return
  }
  counts.live++
  if (up !== 1) counts.failed++
  pollMicros.record(Math.max(1, Math.round(seconds * 1e6)))
  endedMicros.record(Math.max(1, (Date.now() - summary.at) * 1000))
}

const isCounted = (): boolean => Date.now() >= from && Date.now() < to

const meter: SnmpMeter = {
  targets() {},
  inFlight() {},
  due() {},
  missed(count) {
    if (isCounted()) counts.missed += count
  },
  lag(seconds) {
    if (isCounted()) counts.lag = Math.max(counts.lag, seconds)
  },
  samplesDue() {},
  samplesMade() {},
  success() {},
  rested(count) {
    if (isCounted()) counts.rested += count
  },
  dropped() {},
  slowest() {},
}

function counted(): Counted {
  const { live, failed, missed, rested, lag, dropped, pdus } = counts
  const quantiles = (histogram: typeof pollMicros): Quantiles => ({
    p50: histogram.percentile(50) / 1e6,
    p99: histogram.percentile(99) / 1e6,
    max: histogram.max / 1e6,
  })
  return {
    live: { polls: live, failed },
    silent: { polls: counts.silent },
    missed,
    rested,
    lagSeconds: lag,
    pollSeconds: quantiles(pollMicros),
    endedAfterSeconds: quantiles(endedMicros),
    dropped,
    pdus,
  }
}
