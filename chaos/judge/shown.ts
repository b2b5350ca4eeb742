import { iso } from '../../lab/oracle.ts'
import { outagesOf } from '../../lab/truth.ts'
import {
  type History,
  type Look,
  type Shown,
  type Violation,
  contains,
  longestFree,
  overlaps,
} from './history.ts'
import type { ExpectedOutages } from './outages.ts'
import { lossyDevices } from './samples.ts'
import { impaired, offClock } from './windows.ts'

/** A status may be a view of the API's own age, and a second of it. */
const VIEW_MS = 4_000
/** From an outage's beginning until its status says so, beside the interval; and from its end. */
const SEEN_MS = 12_000
const DOWN = ['down', 'unreachable']

/** Up by a sample that says nothing of now, or by none. */
export const isStaleUp = ({ status, sampleAgeMs }: Shown, intervalMs: number): boolean =>
  status === 'up' && (sampleAgeMs ?? Infinity) > 2.5 * intervalMs + VIEW_MS

/** What the API said that was not so. Each change of a device's status is looked at once. */
export function wronglyShown(history: History, expected: ExpectedOutages): Violation[] {
  const { truth, intervalMs, looks, startAt } = history
  const deaf = impaired(history)
  const isOff = offClock(history)
  const lossy = lossyDevices(history)
  const outages = Map.groupBy(outagesOf(truth), ({ device }) => device)
  const wrong: Violation[] = []
  for (const { at, devices } of looks)
    for (const shown of devices) {
      const { id: device, status, downSince, sampleAgeMs } = shown
      if (at < startAt) continue
      const own = outages.get(device) ?? []
      if (isStaleUp(shown, intervalMs) && !contains(isOff, at))
        wrong.push({
          kind: 'up on stale data',
          at,
          device,
          what:
            sampleAgeMs === null
              ? 'up on no sample'
              : `up on a sample of ${sampleAgeMs / 1000} s ago`,
        })
      if (!DOWN.includes(status) || lossy.has(device)) continue
      const isMade = own.some(
        ({ down, up }) => down.askedAt <= at && (up?.at ?? Infinity) + intervalMs + SEEN_MS >= at,
      )
      const isExcused = own.some(({ up }) => up !== null && up.at < at && overlaps(deaf, up.at, at))
      if (!isMade && !isExcused)
        wrong.push({
          kind: 'down falsely',
          at,
          device,
          what: `${status} since ${iso(downSince)}, and it was not`,
        })
      else if (downSince !== null && !isKnownSince(expected, shown))
        wrong.push({
          kind: 'down_since wrong',
          at,
          device,
          what: `shown: down since ${iso(downSince)}; its samples say ${saidOf(expected, device)}`,
        })
    }
  return [...wrong, ...upThoughDown(history), ...unknownForLong(history)]
}

/** Devices that were down for long, undisturbed, and still shown as up. */
function upThoughDown(history: History): Violation[] {
  const { intervalMs, looks, startAt, endAt } = history
  const deaf = impaired(history)
  const shownAt = statusAt(looks)
  return outagesOf(history.truth).flatMap(({ device, down, up }): Violation[] => {
    const at = Math.max(down.at, startAt) + intervalMs + SEEN_MS
    if (at > Math.min(up?.askedAt ?? endAt, endAt) || overlaps(deaf, down.at, at)) return []
    if (shownAt(device, at) !== 'up') return []
    return [
      {
        kind: 'up though down',
        at,
        device,
        what: `up, ${(at - down.at) / 1000} s after it fell silent`,
      },
    ]
  })
}

/** Nothing was known of a device, and no fault excuses it any more: what hangs after a fault is given up in time. */
function unknownForLong(history: History): Violation[] {
  const { looks, startAt, endAt } = history
  const deaf = impaired(history)
  return [...changesIn(looks)].flatMap(([device, changes]) =>
    changes.flatMap(({ at, status }, place): Violation[] => {
      if (status !== 'unknown') return []
      const from = Math.max(at, startAt)
      const to = Math.min(
        changes.slice(place).find((next) => next.status !== status)?.at ?? endAt,
        endAt,
      )
      const longestMs = longestFree(deaf, from, to)
      if (longestMs <= VIEW_MS) return []
      const what = `unknown until ${iso(to)}, ${Math.round(longestMs / 1000)} s of which no fault excuses`
      return [{ kind: 'unknown for long', at: from, device, what }]
    }),
  )
}

type Change = { readonly at: number; readonly status: string }

function statusAt(looks: readonly Look[]): (device: string, at: number) => string | null {
  const changes = changesIn(looks)
  return (device, at) => changes.get(device)?.findLast((change) => change.at <= at)?.status ?? null
}

/** What was shown of each device, in the order of time. */
function changesIn(looks: readonly Look[]): Map<string, Change[]> {
  const changes = new Map<string, Change[]>()
  for (const { at, devices } of looks)
    for (const { id, status } of devices) {
      const own = changes.get(id) ?? []
      changes.set(id, own)
      own.push({ at, status })
    }
  return changes
}

function isKnownSince(expected: ExpectedOutages, { id, downSince }: Shown): boolean {
  return (expected.get(id) ?? []).some(
    ({ since, toleranceMs }) => Math.abs(since - (downSince ?? 0)) <= toleranceMs,
  )
}

const saidOf = (expected: ExpectedOutages, device: string): string =>
  (expected.get(device) ?? []).map(({ since }) => iso(since)).join(', ') || 'nothing'
