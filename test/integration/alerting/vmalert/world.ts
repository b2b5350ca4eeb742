import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { labelsKey } from '../../../../lib/labels.ts'
import { type Stores, startStores } from '../../../stores.ts'
import { waitFor } from '../../../wait.ts'
import {
  type Evaluator,
  type Listener,
  type Posted,
  startAlerting,
  startListener,
  startVmalert,
} from './evaluators.ts'

/** One of the two: over stores and with a listener of its own. */
export type Side = {
  readonly stores: Stores
  readonly listener: Listener
  evaluator(): Evaluator
}

/** vmalert and wardline over the same rules, fed with the same samples. */
export type World = AsyncDisposable & {
  readonly ours: Side
  readonly theirs: Side
  /** Stores these samples, and those given before, for so many seconds. By `kind/host`. */
  play(seconds: number, loads?: Loads): Promise<void>
  /** Ends both and begins them again. */
  restart(): Promise<void>
}

export type Loads = Readonly<Record<string, number>>

/** Groups of these tests are evaluated this often. */
export const INTERVAL_MS = 2_000

/** Resolves once both have evaluated `rules`, which record `load:sum` of what is stored, on the grid of the interval. */
export async function openWorld(rules: string, first: Loads): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-vmalert-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'rules.yml')
  await writeFile(file, rules)
  const ours = await openSide((...side) => startAlerting(file, ...side, folder))
  const theirs = await openSide((...side) => startVmalert(file, ...side))
  const sides = [ours, theirs]
  let loads: Loads = first

  await store()
  await start()
  const owned = stack.move()
  return {
    ours,
    theirs,
    async play(seconds, changes = {}) {
      loads = { ...loads, ...changes }
      for (let i = 0; i < seconds; i++) {
        await store()
        await nextOf(1_000)
      }
    },
    async restart() {
      await Promise.all(sides.map((side) => side.end()))
      await start()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  async function openSide(
    begin: (stores: Stores, listener: Listener) => Promise<Evaluator>,
  ): Promise<Side & { begin(): Promise<void>; end(): Promise<void> }> {
    const stores = stack.use(await startStores())
    const listener = stack.use(await startListener())
    let evaluator: Evaluator | undefined
    const end = async (): Promise<void> => evaluator?.[Symbol.asyncDispose]()
    stack.defer(end)
    return {
      stores,
      listener,
      evaluator() {
        if (evaluator === undefined) throw new Error('it has not been started')
        return evaluator
      },
      async begin() {
        evaluator = await begin(stores, listener)
      },
      end,
    }
  }

  async function start(): Promise<void> {
    const startedAt = Date.now()
    await Promise.all(sides.map((side) => side.begin()))
    for (const { stores, evaluator } of sides) {
      await waitFor(
        async () => {
          await nextOf(1_000)
          await store()
          const expr = `timestamp(load:sum) > ${startedAt / 1000}`
          return (await stores.victoriaMetrics.query(expr)).length > 0
        },
        { timeoutMs: 30_000, what: `the first evaluation: ${evaluator().output()}` },
      )
    }
    await nextOf(INTERVAL_MS)
  }

  /** The samples of the next second: they are there when an evaluation of that instant asks for them. */
  async function store(): Promise<void> {
    const at = Math.floor(Date.now() / 1000) * 1000 + 1000
    const lines = Object.entries(loads).map(([name, value]) => {
      const [kind, host] = name.split('/')
      return `,kind=${kind},host=${host} load=${value} ${at}`
    })
    for (const { stores } of sides) {
      await stores.victoriaMetrics.writeLines(lines.join('\n'))
      await stores.victoriaMetrics.flush()
    }
  }
}

/** Waits for the next multiple of `ms`. */
const nextOf = (ms: number): Promise<void> => delay(ms - (Date.now() % ms))

/** Unix milliseconds, both of them within it. */
export type Stretch = { readonly from: number; readonly to: number }

/** When each series was there: one stretch for each time that it was, to the second. */
export async function stretchesOf(
  { stores }: Side,
  expr: string,
  { from, to }: Stretch,
): Promise<Map<string, Stretch[]>> {
  await stores.victoriaMetrics.flush()
  const range = { start: from, end: to, stepMs: 1_000 }
  const found = new Map<string, Stretch[]>()
  for (const { labels, points } of await stores.victoriaMetrics.queryRange(expr, range)) {
    const stretches: Stretch[] = []
    for (const [at] of points) {
      const last = stretches.at(-1)
      if (last !== undefined && at - last.to <= 1_000)
        stretches[stretches.length - 1] = { ...last, to: at }
      else stretches.push({ from: at, to: at })
    }
    found.set(labelsKey(labels), stretches)
  }
  return found
}

/** The values that each series had, in order, each once. */
export async function valuesOf(
  { stores }: Side,
  expr: string,
  { from, to }: Stretch,
): Promise<Map<string, number[]>> {
  const range = { start: from, end: to, stepMs: 1_000 }
  const rows = await stores.victoriaMetrics.queryRange(expr, range)
  return new Map(
    rows.map(({ labels, points }) => [
      labelsKey(labels),
      [...new Set(points.map(([, value]) => value))],
    ]),
  )
}

export type Telling = { readonly startsAt: number; readonly endsAt: number }

/** Each occurrence that had ended by `until`, by labels and annotations; however often it was posted meanwhile. */
export function tellings(
  posted: readonly Posted[],
  group: string,
  until: number,
): Map<string, Telling[]> {
  const found = new Map<string, Map<string, Telling>>()
  for (const { labels, annotations, startsAt, endsAt } of posted) {
    if (labels['alertgroup'] !== group) continue
    const key = `${labelsKey(labels)} | ${labelsKey(annotations)}`
    const known = found.get(key) ?? new Map<string, Telling>()
    // A problem that fires is posted with an end that lies ahead; its last word is the end that it had.
    known.set(startsAt, { startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt) })
    found.set(key, known)
  }
  const ended = [...found].map(([key, occurrences]) => {
    const all = [...occurrences.values()].filter(({ endsAt }) => endsAt <= until)
    return [key, all] as const
  })
  return new Map(ended.filter(([, all]) => all.length > 0))
}
