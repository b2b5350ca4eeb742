import type { Backlog, Batch, Ticket } from './backlog.ts'

/** One live batch: in memory alone while it is new, in the backlog as well once it had to wait. */
export type Entry = { readonly batch: Batch; readonly at: number; ticket: Ticket | null }

/** What was sent last and isn't stored yet, oldest first: it goes before all that waits longer. */
export type LiveQueue = {
  readonly size: number
  /** Whether something in it had to wait. */
  readonly isLate: boolean
  /** Bytes that are in no backlog. */
  readonly bytes: number
  push(batch: Batch, isAway: boolean): void
  first(): Entry | undefined
  /** It is stored, or given up. */
  leave(entry: Entry): void
  /** Puts what is older than this into the backlog too, where it survives a crash. */
  secure(olderThanMs: number): void
  /** Leaves what is older than this to the backlog alone; whether there was something. */
  trim(olderThanMs: number): boolean
  /** Gives everything up; the samples that are in no backlog. */
  clear(): number
}

export function createLiveQueue(backlog: Backlog): LiveQueue {
  let entries: Entry[] = []
  const alone = (): Entry[] => entries.filter(({ ticket }) => ticket === null)

  return {
    get size() {
      return entries.length
    },
    get isLate() {
      return entries.some(({ ticket }) => ticket !== null)
    },
    get bytes() {
      return alone().reduce((sum, { batch }) => sum + batch.body.length, 0)
    },
    push(batch, isAway) {
      entries.push({ batch, at: performance.now(), ticket: isAway ? backlog.add(batch) : null })
    },
    first: () => entries[0],
    leave(entry) {
      if (entries[0] === entry) entries.shift()
    },
    secure(olderThanMs) {
      const until = performance.now() - olderThanMs
      for (const entry of entries) {
        if (entry.at > until) break
        entry.ticket ??= backlog.add(entry.batch)
      }
    },
    trim(olderThanMs) {
      const until = performance.now() - olderThanMs
      const before = entries.length
      entries = entries.filter(({ at, ticket }) => ticket === null || at > until)
      return entries.length < before
    },
    clear() {
      const samples = alone().reduce((sum, { batch }) => sum + batch.samples, 0)
      entries = []
      return samples
    },
  }
}
