import type { Clock } from '../lib/clock.ts'
import { VictoriaMetricsError } from '../lib/victoriametrics.ts'
import type { View } from './view/build.ts'

/** The status of the fleet can't be told now: nothing newer than the bound is known. */
export class ViewUnavailableError extends Error {
  override readonly name = 'ViewUnavailableError'
  readonly reason: string

  constructor(message: string, reason: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export type ViewListener = {
  refreshed(view: View): void
  failed(error: Error): void
}

/** The one view that every reader shares. It is kept fresh while somebody reads, and rests when nobody does. */
export type StatusView = {
  /** A view at most 3 s old; while VictoriaMetrics can't be asked, one of up to 5 s; then ViewUnavailableError. */
  current(): Promise<View>
  /** What is known without asking: the last view, and how the last refresh went. */
  readonly last: {
    readonly view: View | null
    /** Of the last refresh; null when it didn't fail. */
    readonly error: Error | null
    readonly failedAt: number
    /** When VictoriaMetrics was asked last, whether or not it has answered. */
    readonly askedAt: number
  }
  /** A hint that something changed: while somebody reads, the view is refreshed at once. */
  hint(): void
  /** Keeps the view fresh and tells of each refresh, until the returned function is called. */
  subscribe(listener: ViewListener): () => void
  /** The refreshing itself; returns once the signal aborted. */
  run(signal: AbortSignal): Promise<void>
}

const EVERY_MS = 1_000
/** Hints come in bursts: refreshes that they cause are this far apart at least. */
const HINTED_MS = 200
/** Views up to this age answer at once: a store that is busy for a while keeps nobody waiting. */
const FRESH_MS = 3_000
/** No view older than this answers at all. */
export const BOUND_MS = 5_000
/** After a request the view is kept fresh this long, so that a page that polls never waits. */
const READ_MS = 5_000

export function createStatusView({
  ask,
  clock,
}: {
  ask: (at: number) => Promise<View>
  clock: Clock
}): StatusView {
  const listeners = new Set<ViewListener>()
  let view: View | null = null
  let error: Error | null = null
  let failedAt = -Infinity
  let askedAt = -Infinity
  let inFlight: Promise<void> | null = null
  let isHinted = false
  let readAt = -Infinity
  let wake = Promise.withResolvers<void>()

  /** Single-flight; never rejects. */
  function refresh(): Promise<void> {
    inFlight ??= refreshNow().finally(() => {
      inFlight = null
    })
    return inFlight
  }

  async function refreshNow(): Promise<void> {
    isHinted = false
    askedAt = clock.now()
    try {
      view = await ask(askedAt)
      error = null
      for (const listener of listeners) listener.refreshed(view)
    } catch (cause) {
      error = cause as Error
      failedAt = clock.now()
      for (const listener of listeners) listener.failed(error)
    }
  }

  async function current(): Promise<View> {
    readAt = clock.now()
    wake.resolve()
    if (view === null || clock.now() - view.at > FRESH_MS) await refresh()
    if (view !== null && clock.now() - view.at <= BOUND_MS) return view
    throw new ViewUnavailableError(
      `the status of the fleet can't be told: ${error?.message ?? 'VictoriaMetrics was not asked yet'}`,
      error instanceof VictoriaMetricsError ? error.reason : 'internal',
      { cause: error },
    )
  }

  async function run(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
    })
    while (!signal.aborted) {
      if (listeners.size === 0 && clock.now() - readAt > READ_MS) {
        await Promise.race([wake.promise, ended])
      }
      wake = Promise.withResolvers<void>()
      if (signal.aborted) return
      const startedAt = clock.now()
      await refresh()
      const took = clock.now() - startedAt
      // A fleet so large that asking takes longer than a view is fresh is asked half of the time at most.
      const nextMs = took > FRESH_MS ? 2 * took : Math.max(EVERY_MS, took)
      if (!isHinted && !signal.aborted) await pause(startedAt + nextMs, signal)
      if (signal.aborted) return
      await clock.sleepUntil(startedAt + Math.max(HINTED_MS, took), signal).catch(() => {})
    }
  }

  /** Until `at`, a hint, or the end. */
  async function pause(at: number, signal: AbortSignal): Promise<void> {
    using cancelled = abortable()
    const slept = clock.sleepUntil(at, AbortSignal.any([signal, cancelled.signal])).catch(() => {})
    await Promise.race([slept, hinted.promise])
  }

  let hinted = Promise.withResolvers<void>()

  return {
    current,
    get last() {
      return { view, error, failedAt, askedAt }
    },
    hint() {
      isHinted = true
      hinted.resolve()
      hinted = Promise.withResolvers<void>()
    },
    subscribe(listener) {
      listeners.add(listener)
      wake.resolve()
      return () => void listeners.delete(listener)
    },
    run,
  }
}

function abortable(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() }
}
