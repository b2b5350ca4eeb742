import type { Acknowledgement } from './acknowledgement.ts'
import { KINDS, type Kind } from './change.ts'
import { DecisionError } from './decision-error.ts'
import { parseJson } from './edits.ts'
import { acknowledgementSchema, checked, silenceSchema, windowSchema } from './schemas.ts'
import type { Silence } from './silence.ts'
import type { Kept } from './store.ts'
import type { MaintenanceWindow } from './window.ts'

/** What people decided, at one moment. A new object whenever anything in it changed. */
export type Decided = {
  readonly silences: readonly Silence[]
  readonly windows: readonly MaintenanceWindow[]
  readonly acknowledgements: readonly Acknowledgement[]
}

export const NOTHING_DECIDED: Decided = { silences: [], windows: [], acknowledgements: [] }

export type Entry = { readonly kind: Kind; readonly id: string; readonly text: string }

export type Understood = {
  readonly decided: Decided
  /** What can't be read, and why: it isn't in force. */
  readonly corrupt: readonly (Entry & { readonly reason: string })[]
  /** What is past its keeping: not in force either. */
  readonly over: readonly Entry[]
}

const DAY_MS = 86_400_000
/** Silences as Alertmanager keeps them. Windows say why nothing was told at a past instant for as long as samples are kept. */
const KEPT_FOR_MS = { silence: 5 * DAY_MS, window: 400 * DAY_MS, acknowledgement: 5 * DAY_MS }
/** An outage that is nowhere any more had somebody who never took back the acknowledgement. */
const LONGEST_ACKNOWLEDGED_MS = 400 * DAY_MS

/** The entries as they are meant, those that nobody can mean set apart. */
export function understand(
  { entries }: Kept,
  at: number,
  readOne: ReadEntry = readEntry,
): Understood {
  const decided = {
    silences: [] as Silence[],
    windows: [] as MaintenanceWindow[],
    acknowledgements: [] as Acknowledgement[],
  }
  const corrupt: Understood['corrupt'][number][] = []
  const over: Entry[] = []
  for (const kind of KINDS) {
    for (const [id, text] of Object.entries(entries[kind])) {
      const read = readOne({ kind, id, text })
      if (read.kind === 'corrupt') corrupt.push({ kind, id, text, reason: read.reason })
      else if (endOf(read) + KEPT_FOR_MS[kind] <= at) over.push({ kind, id, text })
      else if (read.kind === 'silence') decided.silences.push(read.value)
      else if (read.kind === 'window') decided.windows.push(read.value)
      else decided.acknowledgements.push(read.value)
    }
  }
  return { decided, corrupt, over }
}

export type ReadEntry = (entry: Entry) => Readable | { kind: 'corrupt'; reason: string }
type Readable =
  | { kind: 'silence'; value: Silence }
  | { kind: 'window'; value: MaintenanceWindow }
  | { kind: 'acknowledgement'; value: Acknowledgement }

/** Reads each text once: what is in force for long is asked for again every few seconds. */
export function rememberingReader(): ReadEntry {
  let known = new Map<string, { text: string; read: ReturnType<ReadEntry> }>()
  return (entry) => {
    const key = `${entry.kind} ${entry.id}`
    const before = known.get(key)
    if (before?.text === entry.text) return before.read
    const read = readEntry(entry)
    // Ids that are gone for good don't stay for ever.
    if (known.size > 100_000) known = new Map()
    known.set(key, { text: entry.text, read })
    return read
  }
}

function readEntry({ kind, id, text }: Entry): ReturnType<ReadEntry> {
  try {
    const value = parseJson(text)
    switch (kind) {
      case 'silence':
        return { kind, value: ofId(id, checked(silenceSchema, value, kind)) }
      case 'window':
        return { kind, value: ofId(id, checked(windowSchema, value, kind)) }
      case 'acknowledgement':
        return { kind, value: ofId(id, checked(acknowledgementSchema, value, kind)) }
    }
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error
    return { kind: 'corrupt', reason: error.message }
  }
}

function ofId<T extends { readonly id: string }>(id: string, value: T): T {
  if (value.id === id) return value
  throw new DecisionError('invalid', `expected the id that it is kept under, got ${value.id}`)
}

function endOf(read: Readable): number {
  switch (read.kind) {
    case 'silence':
      return read.value.endsAt
    case 'window':
      return read.value.schedule.endsAt ?? Infinity
    case 'acknowledgement':
      return read.value.expiresAt ?? read.value.at + LONGEST_ACKNOWLEDGED_MS
  }
}
