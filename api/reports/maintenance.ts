import { createHash } from 'node:crypto'
import { type MaintenanceWindow, spansBetween } from '../../lib/decisions/window.ts'
import type { Device } from '../../lib/inventory.ts'
import { compileMatchers, formatMatchers } from '../../lib/matchers.ts'
import { outageLabels } from '../view/decided.ts'
import { type Span, clip, union } from './spans.ts'

/** A window that takes time out of the report. */
export type CountedWindow = {
  readonly window: MaintenanceWindow
  /** Within the range. */
  readonly spans: readonly Span[]
  /** How many devices of the report it covers. */
  readonly devices: number
}

export type Excluded = {
  /** In order, apart. */
  of(device: Device): readonly Span[]
  readonly windows: readonly CountedWindow[]
  /** One text for the same windows with the same content: another one says that the result may have changed. */
  readonly version: string
}

/** A window that begins each minute has more than that in a month; it is one long one for all that a report can tell. */
const MOST_SPANS = 50_000
const NONE: readonly Span[] = []

/**
 * Pure: the time in which planned work excuses an outage, whenever the window was made. As for alerts, a window that is
 * about another alert than the outage itself excuses none.
 */
export function excludedBy(
  windows: readonly MaintenanceWindow[],
  devices: readonly Device[],
  range: Span,
): Excluded {
  const counted: CountedWindow[] = []
  const covering = new Map<Device, number[]>()
  for (const window of windows.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
    const spans = union(clip(spansBetween(window, range, MOST_SPANS), range))
    if (spans.length === 0) continue
    const covers = compileMatchers(window.matchers)
    const covered = devices.filter((device) => covers(outageLabels(device)))
    if (covered.length === 0) continue
    for (const device of covered) {
      const known = covering.get(device)
      if (known === undefined) covering.set(device, [counted.length])
      else known.push(counted.length)
    }
    counted.push({ window, spans, devices: covered.length })
  }
  // Devices of a branch share their windows: what these come to is worked out once.
  const shared = new Map<string, readonly Span[]>()
  return {
    of(device) {
      const places = covering.get(device)
      if (places === undefined) return NONE
      const key = places.join()
      let spans = shared.get(key)
      if (spans === undefined)
        shared.set(key, (spans = union(places.flatMap((place) => counted[place]?.spans ?? []))))
      return spans
    },
    windows: counted,
    version: versionOf(counted),
  }
}

function versionOf(counted: readonly CountedWindow[]): string {
  const content = counted.map(({ window: { id, matchers, schedule } }) => [
    id,
    formatMatchers(matchers),
    schedule,
  ])
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12)
}
