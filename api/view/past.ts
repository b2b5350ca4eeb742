import type { Clock } from '../../lib/clock.ts'
import type { Inventory, InventorySource } from '../../lib/inventory.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type DecisionSource, decidedAt } from '../explain/decided-at.ts'
import { createTurns } from '../history/turns.ts'
import { inSlices } from '../../lib/slices.ts'
import { type View, viewInSlices } from './build.ts'
import { newestSeries } from './newest.ts'
import { askUplinks } from './past-uplinks.ts'
import { type Vectors, askVectors, windowsOf } from './vectors.ts'

/** Views of past instants, made of what is kept by the same questions and the same derivation as that of now. */
export type PastViews = {
  /**
   * As it was known then, but for the inventory, which is that of now. Rejects with VictoriaMetricsError, or with a Problem
   * where too many ask.
   */
  at(instant: number): Promise<View>
}

/** Kept, the ones asked for last: a person who looks at an instant asks several questions of it. */
const KEPT = 4
/** What was sampled up to an instant is stored, and can be searched, so much later. */
const SETTLED_MS = 30_000
const TIMEOUT_MS = 20_000
/** Each asks for the whole fleet: one after the other. */
const AT_ONCE = 1

/** How far back a device that is silent was sampled: a few by name, the fleet no further than it costs little. */
const SEEN_WINDOW = '7d'
const SEEN_OF_MANY_WINDOW = '24h'
const MOST_NAMED = 100

type Kept = { readonly inventory: Inventory; readonly view: Promise<View> }

export function createPastViews({
  store,
  inventory,
  decisions,
  evaluationMs,
  clock,
}: {
  store: Pick<VictoriaMetrics, 'query'>
  inventory: InventorySource
  decisions: DecisionSource
  evaluationMs: number
  clock: Clock
}): PastViews {
  const inTurn = createTurns(clock, AT_ONCE)
  // Others may wait for the same instant when one who asked for it goes away: nobody's signal ends the work.
  const { signal } = new AbortController()
  const kept = new Map<number, Kept>()

  function at(instant: number): Promise<View> {
    const devices = inventory.current
    const known = kept.get(instant)
    const found =
      known?.inventory === devices ? known : { inventory: devices, view: ask(devices, instant) }
    kept.delete(instant)
    kept.set(instant, found)
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return found.view
  }

  function ask(devices: Inventory, instant: number): Promise<View> {
    const askedAt = clock.now()
    const view = inTurn(() => makeView(devices, instant), signal)
    const forget = (): void => {
      if (kept.get(instant)?.view === view) kept.delete(instant)
    }
    // What may still arrive is asked for again.
    view.then(() => {
      if (askedAt - instant < SETTLED_MS) forget()
    }, forget)
    return view
  }

  async function makeView(devices: Inventory, instant: number): Promise<View> {
    const windows = windowsOf(devices, evaluationMs)
    const [vectors, uplinks, decided] = await Promise.all([
      askVectors(store, windows, instant, { signal, timeoutMs: TIMEOUT_MS }),
      askUplinks(store, instant, signal),
      decidedAt(decisions, instant, clock.now(), []),
    ])
    const seen = await askSeen(devices, vectors, instant)
    const more = { decided, isPast: true }
    return inSlices(viewInSlices(devices, vectors, seen, instant, uplinks, more))
  }

  /** When devices that were silent then had been sampled last. */
  async function askSeen(
    devices: Inventory,
    vectors: Vectors,
    instant: number,
  ): Promise<Map<string, number>> {
    const newest = newestSeries(vectors.newest)
    const missing = [...devices.values()].filter(({ id }) => !newest.has(id))
    if (missing.length === 0) return new Map()
    const isFew = missing.length <= MOST_NAMED
    const selector = isFew ? `{device=~${quoteLabelValue(missing.map(escapedId).join('|'))}}` : ''
    const window = isFew ? SEEN_WINDOW : SEEN_OF_MANY_WINDOW
    const found = await store.query(
      `max by (device) (tlast_over_time(ping_up${selector}[${window}]))`,
      { at: instant, signal, timeoutMs: TIMEOUT_MS },
    )
    return new Map([...newestSeries(found)].map(([id, series]) => [id, series.at]))
  }

  return { at }
}

/** `RegExp.escape` writes some characters in a way that RE2 doesn't read. */
const escapedId = ({ id }: { readonly id: string }): string =>
  id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
