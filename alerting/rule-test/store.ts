import { startThrowAway } from '../../lib/embedded/throw-away.ts'
import type { Logger } from '../../lib/log.ts'
import { type SeriesSample, type StaleSample, encodeWriteRequest } from '../../lib/remote-write.ts'
import type { SampleWriter } from '../../lib/sample-writer.ts'
import {
  type RuleQueryOptions,
  type VictoriaMetrics,
  connectVictoriaMetrics,
} from '../../lib/victoriametrics.ts'
import { LAST_EVALUATION } from '../restore.ts'
import type { RuleTest } from './rule-test.ts'

/** A VictoriaMetrics of a test alone. What is written to it shows after `stored`. */
export type TestStore = AsyncDisposable & {
  readonly victoriaMetrics: VictoriaMetrics
  readonly writer: SampleWriter
  stored(): Promise<void>
}

const DAY_MS = 86_400_000
/** The step of an instant query that says none: what a selector without a window looks back. */
const STEP_MS = 300_000
const MOST_AT_ONCE = 20_000

/** Starts one that holds the test's series. */
export async function startTestStore(
  test: RuleTest,
  log: Logger,
  signal: AbortSignal,
): Promise<TestStore> {
  await using started = new AsyncDisposableStack()
  const { url } = started.use(await startThrowAway(log, signal))
  const connected = started.use(connectVictoriaMetrics(url))
  let waiting: (SeriesSample | StaleSample)[] = []

  async function stored(): Promise<void> {
    if (waiting.length === 0) return
    const samples = waiting
    waiting = []
    for (let start = 0; start < samples.length; start += MOST_AT_ONCE) {
      const body = encodeWriteRequest(samples.slice(start, start + MOST_AT_ONCE))
      await connected.remoteWrite(body, signal === undefined ? {} : { signal })
    }
    await connected.flush()
  }

  waiting = inputSamples(test)
  await stored()
  const owned = started.move()
  return {
    victoriaMetrics: { ...connected, ...asked(connected) },
    writer: {
      write(samples) {
        for (const { labels, fields, at } of samples)
          for (const [name, value] of Object.entries(fields))
            // Of the engine's own bookkeeping a test knows nothing.
            if (name !== LAST_EVALUATION)
              waiting.push({ labels: { ...labels, __name__: name }, value, at })
      },
      end: (markers) => void waiting.push(...markers),
      async flushed() {
        await stored()
        return true
      },
      [Symbol.asyncDispose]: async () => {},
    },
    stored,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function inputSamples({ series, startAt, intervalMs }: RuleTest): (SeriesSample | StaleSample)[] {
  return series.flatMap(({ labels, values }) =>
    values.flatMap((value, index) =>
      value === null ? [] : ({ labels, value, at: startAt + index * intervalMs } as SeriesSample),
    ),
  )
}

/**
 * As of midnight VictoriaMetrics doesn't look at the day that begins then: it finds no series that began with it. Tests
 * begin at midnight. A range that goes on finds them, and evaluates its first instant as an instant query does.
 */
function asked(real: VictoriaMetrics): Pick<VictoriaMetrics, 'ask' | 'query'> {
  const ask = async (
    expr: string,
    options: RuleQueryOptions = {},
  ): ReturnType<VictoriaMetrics['ask']> => {
    const { at = 0 } = options
    if (at % DAY_MS !== 0) return real.ask(expr, options)
    const range = { start: at, end: at + STEP_MS, stepMs: STEP_MS }
    const found = await real.queryRange(expr, range, options)
    const vector = found.flatMap(({ labels, points }) =>
      points.flatMap(([pointAt, value]) => (pointAt === at ? { labels, value, at } : [])),
    )
    return { vector, isPartial: false, seriesFetched: null }
  }
  return { ask, query: async (expr, options) => (await ask(expr, options)).vector }
}
