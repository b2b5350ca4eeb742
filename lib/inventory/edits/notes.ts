import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { EditError } from './edit-error.ts'
import type { EditStore } from './store.ts'

/** What people want the others to know of a device. */
export type Note = {
  readonly text: string
  /** Unix milliseconds. */
  readonly updatedAt: number
  readonly updatedBy: string
}

export type Notes = {
  /** Null where nobody wrote one. Rejects with EditError. */
  read(id: string): Promise<Note | null>
  /** An empty text removes it. `expected` is `updatedAt` of the one that was edited, null for none. */
  write(id: string, text: string, by: NoteBy): Promise<Note | null>
}

export type NoteBy = { readonly who: string; readonly expected?: number | null | undefined }

export const MOST_NOTE_CHARACTERS = 10_000
/** Of a note's text in the audit log, which keeps many lines. */
const MOST_AUDITED_CHARACTERS = 500
const TRIES = 5

const noteSchema = z.strictObject({ text: z.string(), updatedAt: z.int(), updatedBy: z.string() })

export function createNotes({
  store,
  clock,
}: {
  store: Pick<EditStore, 'note' | 'writeNote'>
  clock: Pick<Clock, 'now'>
}): Notes {
  return {
    read: async (id) => readNote(await store.note(id)),

    async write(id, text, { who, expected }) {
      for (let tries = 0; tries < TRIES; tries++) {
        const found = await store.note(id)
        const before = readNote(found)
        if (expected !== undefined && expected !== (before?.updatedAt ?? null))
          throw new EditError('changed', 'somebody changed the note meanwhile: look at it again')
        if (text === (before?.text ?? '')) return before
        const at = Math.max(clock.now(), (before?.updatedAt ?? 0) + 1)
        const after: Note | null = text === '' ? null : { text, updatedAt: at, updatedBy: who }
        const audit = {
          what: after === null ? ('note removed' as const) : ('note changed' as const),
          before: before === null ? null : { text: shortened(before.text) },
          after: after === null ? null : { text: shortened(text) },
        }
        const next = after === null ? null : JSON.stringify(after)
        const written = await store.writeNote(
          { id, before: found, after: next, audit },
          { who, at },
        )
        if (written === 'done') return after
        if (written === 'full')
          throw new EditError('full', 'no room for another note: too many are kept already')
      }
      throw new EditError('busy', 'others change this note all the time: try again')
    },
  }
}

/** One that makes no sense was not written by wardline: it counts as none, and the next one replaces it. */
function readNote(text: string | null): Note | null {
  if (text === null) return null
  try {
    return noteSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

const shortened = (text: string): string =>
  text.length <= MOST_AUDITED_CHARACTERS ? text : `${text.slice(0, MOST_AUDITED_CHARACTERS)}…`
