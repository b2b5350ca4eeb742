import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerParent } from '../../lab/child.ts'
import { type SampleWriter, createSampleWriter } from '../../lib/sample-writer.ts'
import {
  CREDENTIAL,
  type Credential,
  type Poller,
  createDevice,
  openPoller,
} from './device-poll.ts'
import { type Spent, keepBusy, measureLoad } from './load.ts'
import type { ModuleName } from './questions.ts'

/** wardline's whole poll, in a process that does nothing else. `open` comes first. */
export type Question =
  | {
      readonly ask: 'open'
      readonly addresses: readonly string[]
      readonly module: ModuleName
      readonly credential: Credential
    }
  /** Each target once, as after a start: nothing is known of any agent. */
  | { readonly ask: 'first cycle'; readonly lanes: number }
  | {
      readonly ask: 'load'
      readonly lanes: number
      readonly seconds: number
      readonly warmupSeconds: number
      /** The first so many of the targets; left out: all. */
      readonly targets?: number
    }

export type Polled = Spent & {
  readonly polls: number
  readonly failed: number
  /** Of one poll, on average. */
  readonly pdus: number
  readonly values: number
  /** Of lines. */
  readonly bytes: number
}

export type FirstCycle = Polled & {
  /** The longest that a callback waited for others. */
  readonly heldUpMs: number
}

type Totals = { polls: number; failed: number; pdus: number; values: number; bytes: number }
type Opened = { readonly poller: Poller; readonly targets: number }

const totals: Totals = { polls: 0, failed: 0, pdus: 0, values: 0, bytes: 0 }
let opened: Opened | undefined

// What the writer would send: encoded and joined into batches, and counted instead of sent.
const writer: SampleWriter = createSampleWriter({
  send: ({ body }) => void (totals.bytes += body.length),
  settled: () => Promise.resolve(true),
  [Symbol.asyncDispose]: () => Promise.resolve(),
})

answerParent<Question>(async (question): Promise<Polled | FirstCycle | null> => {
  if (question.ask === 'open') {
    const { addresses, module, credential } = question
    const devices = addresses.map((address) => createDevice(address, { modules: [module] }))
    const poller = await openPoller(devices, { [CREDENTIAL]: credential })
    opened = { poller, targets: addresses.length }
    return null
  }
  if (opened === undefined) throw new Error('no targets yet')
  return question.ask === 'load' ? load(opened, question) : firstCycle(opened, question)
})

async function load(
  { poller, targets: all }: Opened,
  { lanes, targets = all, ...times }: Extract<Question, { ask: 'load' }>,
): Promise<Polled> {
  const spent = await measureLoad(
    times,
    (seconds) => keepBusy({ lanes, seconds }, (turn) => poll(poller, turn % targets)),
    reset,
  )
  return { ...spent, ...takeTotals() }
}

async function firstCycle(
  { poller, targets }: Opened,
  { lanes }: Extract<Question, { ask: 'first cycle' }>,
): Promise<FirstCycle> {
  reset()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const before = process.cpuUsage()
  const startedAt = performance.now()
  let next = 0
  async function lane(): Promise<void> {
    while (next < targets) await poll(poller, next++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(before)
  delay.disable()
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    ...takeTotals(),
    heldUpMs: delay.max / 1e6,
  }
}

async function poll(poller: Poller, turn: number): Promise<void> {
  const { samples, failure, pdus } = await poller.poll(turn)
  writer.write(samples)
  totals.polls++
  if (failure !== null) totals.failed++
  totals.pdus += pdus
  for (const { fields } of samples) totals.values += Object.keys(fields).length
}

const reset = (): void =>
  void Object.assign(totals, { polls: 0, failed: 0, pdus: 0, values: 0, bytes: 0 })

function takeTotals(): Totals {
  const { polls, failed, pdus, values, bytes } = totals
  return { polls, failed, pdus: pdus / polls, values: values / polls, bytes: bytes / polls }
}
