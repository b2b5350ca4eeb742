import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Verdict } from './check.ts'

export type Order = {
  readonly name: string
  readonly seed: number
  readonly inputs: number
  /** Two numbers: how many inputs are done, and when the one under way began. */
  readonly shared: SharedArrayBuffer
  /** The input to tell of before it is read, by its place. */
  readonly revealed: number
}

export type Report =
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly growth: number }
  | { readonly kind: 'input'; readonly input: string }

export type Outcome = {
  readonly name: string
  readonly inputs: number
  readonly taken: number
  readonly slowestMs: number
  readonly seconds: number
  /** Bytes that it holds more than after its first inputs. */
  readonly growth: number
  readonly failure: string | null
}

const MOST_MEGABYTES = 512
/** An input that takes longer is a hang: the others take a thousandth of that. */
const MOST_MS = 5_000
const MOST_GROWTH = 24 * 1_048_576
const LOOK_MS = 200

/** Fuzzes one target in a thread; never rejects for what the target does. `told` hears how far it is. */
export async function fuzz(
  { name, seed, inputs }: Pick<Order, 'name' | 'seed' | 'inputs'>,
  told: (done: number) => void,
): Promise<Outcome> {
  const startedAt = performance.now()
  const run = await watch({ name, seed, inputs, revealed: -1 }, told)
  const seconds = (performance.now() - startedAt) / 1_000
  const empty = { name, inputs: run.done, taken: 0, slowestMs: 0, growth: 0, seconds }
  if (run.report === null) {
    const input = await inputAt({ name, seed, inputs }, run.done)
    return {
      ...empty,
      slowestMs: run.stuckMs,
      failure: `${run.why}\ninput ${run.done + 1}: ${input}`,
    }
  }
  const { verdict, growth } = run.report
  const { failure, slowestMs } = verdict
  return {
    ...empty,
    ...verdict,
    growth,
    failure:
      failure !== null
        ? `${failure.error}\ninput: ${failure.input}`
        : slowestMs > MOST_MS
          ? `one input took ${Math.round(slowestMs)} ms`
          : growth > MOST_GROWTH
            ? `it holds ${Math.round(growth / 1_048_576)} MB more than after its first inputs`
            : null,
  }
}

type Run = {
  readonly done: number
  readonly report: Extract<Report, { kind: 'verdict' }> | null
  readonly why: string
  readonly stuckMs: number
}

async function watch(
  order: Omit<Order, 'shared'>,
  told: (done: number) => void,
  revealed: (input: string) => void = () => {},
): Promise<Run> {
  const shared = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)
  const view = new Float64Array(shared)
  const worker = new Worker(new URL('thread-main.ts', import.meta.url), {
    workerData: { ...order, shared } satisfies Order,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  })
  let report: Run['report'] = null
  let why: string | null = null
  worker.on('message', (message: Report) => {
    if (message.kind === 'verdict') report = message
    else revealed(message.input)
  })
  worker.on('error', (error) => (why ??= error.stack ?? error.message))
  worker.on('exit', () => (why ??= 'its thread ended'))
  let stuckMs = 0
  while (report === null && why === null) {
    await delay(LOOK_MS)
    const [done = 0, since = 0] = view
    told(done)
    stuckMs = since === 0 ? 0 : Date.now() - since
    if (report === null && stuckMs > MOST_MS) why = `one input takes longer than ${MOST_MS} ms`
  }
  await worker.terminate()
  return { done: view[0] ?? 0, report, why: why ?? '', stuckMs }
}

/** The input that never ended: made once more, by the seed. */
async function inputAt(
  order: Pick<Order, 'name' | 'seed' | 'inputs'>,
  place: number,
): Promise<string> {
  let text = 'not found again'
  await watch(
    { ...order, revealed: place },
    () => {},
    (input) => (text = input),
  )
  return text
}
