import { type Labels, labelsKey } from '../lib/labels.ts'
import type { Sample } from '../lib/line-protocol.ts'
import { STALE, type StaleSample } from '../lib/remote-write.ts'

/** A series that a rule keeps alive: `labels` without the name. */
export type LiveSeries = { readonly name: string; readonly labels: Labels; readonly value: number }

/** What to write so that VictoriaMetrics shows the live series and no others. */
export type SeriesWrite = {
  readonly samples: Sample[]
  readonly ended: StaleSample[]
  /** Whether a series began, ended or has another value. */
  readonly changed: boolean
}

/**
 * Series that exist only while something holds (an alert fires, a device has a status). New and changed ones are
 * written at once, the others every `everyMs`; one that is gone gets a stale marker.
 */
export type SeriesKeeper = {
  /** Takes over series that an earlier process left alive. */
  adopt(series: readonly LiveSeries[]): void
  update(live: Iterable<LiveSeries>, at: number): SeriesWrite
}

/**
 * The instants that a group's evaluations are stamped with: whole seconds, which are cheap to store, and one after
 * another, because of a value and a stale marker with the same stamp nobody knows which one shows.
 */
export function createStamps(): (at: number) => number {
  let last = -Infinity
  return (at) => {
    const second = Math.floor(at / 1000) * 1000
    const isSameSecond = second === Math.floor(last / 1000) * 1000
    last = isSameSecond ? last + 1 : second
    return last
  }
}

/** One that was alive in the last update; `turn` says of which. */
type Kept = {
  readonly name: string
  readonly labels: Labels
  value: number
  writtenAt: number
  turn: number
}

export function createSeriesKeeper(everyMs: number): SeriesKeeper {
  // Changed in place: most series go on, and tens of thousands of new objects each time would be mostly work for V8.
  const kept = new Map<string, Kept>()
  let turn = 0
  return {
    adopt(series) {
      for (const one of series)
        kept.set(keyOf(one.name, one.labels), { ...one, writtenAt: -Infinity, turn })
    },
    update(live, at) {
      turn++
      const samples: Sample[] = []
      const gone: Kept[] = []
      let changed = false
      for (const { name, labels, value } of live) {
        const key = keyOf(name, labels)
        let one = kept.get(key)
        const isChange = one?.value !== value
        changed ||= isChange
        if (one === undefined)
          kept.set(key, (one = { name, labels, value, writtenAt: -Infinity, turn }))
        // The grid keeps stamps of one interval together, which is what makes them cheap to store.
        const due = isChange || Math.floor(at / everyMs) !== Math.floor(one.writtenAt / everyMs)
        if (due)
          samples.push({ measurement: '', labels: one.labels, fields: { [name]: value }, at })
        if (due) one.writtenAt = at
        one.value = value
        one.turn = turn
      }
      for (const [key, one] of kept) {
        if (one.turn === turn) continue
        gone.push(one)
        kept.delete(key)
      }
      return { samples, ended: staleMarkers(gone, at), changed: changed || gone.length > 0 }
    },
  }
}

/** Nothing of these series shows after `at`. */
export const staleMarkers = (series: readonly LiveSeries[], at: number): StaleSample[] =>
  series.map(({ name, labels }) => ({ labels: { ...labels, __name__: name }, value: STALE, at }))

// Most labels are those of one series, and an alert's of two or three: made once for each label object.
type Key = { readonly name: string; readonly text: string; readonly other: Key | null }
const keys = new WeakMap<Labels, Key>()

function keyOf(name: string, labels: Labels): string {
  const first = keys.get(labels) ?? null
  for (let known = first; known !== null; known = known.other)
    if (known.name === name) return known.text
  const text = [name, labelsKey(labels)].join(' ')
  keys.set(labels, { name, text, other: first })
  return text
}
