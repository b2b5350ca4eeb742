import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { type Acknowledgement, acknowledges } from './acknowledgement.ts'
import type { Change, ChangeFilter, Kind } from './change.ts'
import { DecisionError } from './decision-error.ts'
import { acknowledgementSchema, checked, silenceSchema, windowSchema } from './schemas.ts'
import {
  type Silence,
  type SilenceDraft,
  expired,
  isSameSilence,
  laterThan,
  silenceState,
} from './silence.ts'
import type { DecisionStore, Write } from './store.ts'
import type { MaintenanceWindow } from './window.ts'

/**
 * How decisions are made and unmade, each with its line in the change log. All reject with DecisionError; `who` is
 * written to the log.
 */
export type Edits = {
  /** New, or another version of the one whose id it has: the silence that is in force then, which may have another id. */
  putSilence(draft: SilenceDraft): Promise<Silence>
  /** Ends it now; one that has ended stays as it is, one that can't be read is removed. */
  expireSilence(id: string, who: string): Promise<void>
  putWindow(draft: WindowDraft): Promise<MaintenanceWindow>
  removeWindow(id: string, who: string): Promise<void>
  /** In place of an earlier one of the same alert. */
  putAcknowledgement(acknowledgement: Omit<Acknowledgement, 'at'>): Promise<Acknowledgement>
  removeAcknowledgement(id: string, who: string): Promise<void>
  /**
   * Removes those that were for these occurrences alone, now that they are over. `token`: of the term of alerting that says
   * so; one before the newest removes none, and rejects with DecisionError `conflict`.
   */
  endAcknowledgements(ended: readonly Occurrence[], token?: number): Promise<void>
  /** The change log, the newest first. */
  log(filter?: ChangeFilter): Promise<Change[]>
}

export type WindowDraft = Omit<MaintenanceWindow, 'id' | 'updatedAt'> & {
  readonly id?: string | undefined
  /** `updatedAt` of the version that was edited: another one in force is a conflict. */
  readonly updatedFrom?: number | undefined
}

type Occurrence = { readonly fingerprint: string; readonly startsAt: number }

const TRIES = 5
const WARDLINE = 'wardline'

export function createEdits({
  store,
  clock,
}: {
  store: DecisionStore
  clock: Pick<Clock, 'now'>
}): Edits {
  /** Decides over what is in force and writes it, anew when somebody wrote in between. */
  async function edit<T>(
    kind: Kind,
    id: string | undefined,
    who: string,
    decide: (found: string | null, at: number) => { result: T; writes: readonly Write[] },
    token?: number,
  ): Promise<T> {
    for (let tries = 0; tries < TRIES; tries++) {
      const at = clock.now()
      const found = id === undefined ? null : await store.entry(kind, id)
      const { result, writes } = decide(found, at)
      const written = writes.length === 0 ? 'done' : await store.write(writes, { who, at, token })
      if (written === 'done') return result
      if (written === 'refused')
        throw new DecisionError('conflict', 'another instance of alerting leads by now')
      if (written === 'full')
        throw new DecisionError('full', `no room for another ${kind}: too many are kept already`)
    }
    throw new DecisionError('conflict', `others change this ${kind} all the time: try again`)
  }

  return {
    putSilence: (draft) =>
      edit('silence', draft.id, draft.createdBy, (found, at) => planSilence(draft, found, at)),

    expireSilence: (id, who) =>
      edit('silence', id, who, (found, at) => {
        const before = present(found, { kind: 'silence', id })
        const silence = silenceSchema.safeParse(parseJson(before)).data
        const after = silence === undefined ? null : expired(silence, at)
        if (silence !== undefined && silenceState(silence, at) === 'expired')
          return { result: undefined, writes: [] }
        const action = after === null ? 'removed' : 'expired'
        return { result: undefined, writes: [{ kind: 'silence', action, id, before, after }] }
      }),

    putWindow: (draft) =>
      edit('window', draft.id, draft.createdBy, (found, at) => {
        const { id = randomUUID(), updatedFrom, ...content } = draft
        const previous =
          draft.id === undefined ? null : existing(windowSchema, found, { kind: 'window', id })
        if (previous !== null) checkVersion(previous, updatedFrom)
        const updatedAt = previous === null ? at : laterThan(previous, at)
        const result = checked(windowSchema, { ...content, id, updatedAt }, 'window')
        const action = previous === null ? 'created' : 'changed'
        return { result, writes: [{ kind: 'window', action, id, before: found, after: result }] }
      }),

    removeWindow: (id, who) => remove('window', id, who),

    putAcknowledgement: (given) =>
      edit('acknowledgement', given.id, given.createdBy, (found, at) => {
        const { id } = given
        const result = checked(acknowledgementSchema, { ...given, at }, 'acknowledgement')
        if (result.expiresAt !== null && result.expiresAt <= at)
          throw new DecisionError('invalid', 'acknowledgement: expected an end that is to come')
        const action = found === null ? 'created' : 'changed'
        return {
          result,
          writes: [{ kind: 'acknowledgement', action, id, before: found, after: result }],
        }
      }),

    removeAcknowledgement: (id, who) => remove('acknowledgement', id, who),

    async endAcknowledgements(ended, token) {
      for (const occurrence of ended) {
        const id = occurrence.fingerprint
        const decide = (found: string | null, at: number) => {
          const value = acknowledgementSchema.safeParse(parseJson(found ?? '')).data
          // Somebody may have acknowledged the next occurrence already.
          const isOver = value !== undefined && !value.sticky && acknowledges(value, occurrence, at)
          if (!isOver) return { result: undefined, writes: [] }
          const write = { kind: 'acknowledgement', action: 'removed', id, before: found } as const
          return { result: undefined, writes: [{ ...write, after: null }] }
        }
        await edit('acknowledgement', id, WARDLINE, decide, token)
      }
    },

    log: (filter = {}) => store.changes(filter),
  }

  function remove(kind: Kind, id: string, who: string): Promise<void> {
    return edit(kind, id, who, (found) => ({
      result: undefined,
      writes: [{ kind, action: 'removed', id, before: present(found, { kind, id }), after: null }],
    }))
  }
}

function planSilence(
  { id, updatedFrom, startsAt: wantedAt, ...content }: SilenceDraft,
  found: string | null,
  at: number,
): { result: Silence; writes: Write[] } {
  const previous = id === undefined ? null : existing(silenceSchema, found, { kind: 'silence', id })
  if (previous !== null) checkVersion(previous, updatedFrom)
  const startsAt = wantedAt ?? at
  if (startsAt >= content.endsAt)
    throw new DecisionError('invalid', 'silence: expected a start that is before the end')
  if (content.endsAt <= at)
    throw new DecisionError('invalid', 'silence: expected an end that is to come')
  const kind = 'silence'
  if (previous !== null && isSameSilence(previous, { ...content, startsAt }, at)) {
    const next = { ...content, id: previous.id, startsAt, updatedAt: laterThan(previous, at) }
    // To the second it is the same start; the first one said it exactly.
    if (silenceState(previous, at) === 'active') next.startsAt = previous.startsAt
    const result = checked(silenceSchema, next, kind)
    return {
      result,
      writes: [{ kind, action: 'changed', id: next.id, before: found, after: result }],
    }
  }
  const result = checked(
    silenceSchema,
    { ...content, id: randomUUID(), startsAt: Math.max(startsAt, at), updatedAt: at },
    kind,
  )
  const writes: Write[] = []
  if (previous !== null && silenceState(previous, at) !== 'expired') {
    const ended = expired(previous, at)
    writes.push({ kind, action: 'expired', id: previous.id, before: found, after: ended })
  }
  writes.push({ kind, action: 'created', id: result.id, before: null, after: result })
  return { result, writes }
}

function existing<T>(
  schema: Parameters<typeof checked<T>>[0],
  found: string | null,
  which: { kind: Kind; id: string },
): T {
  const text = present(found, which)
  return checked(schema, parseJson(text), `the ${which.kind} ${which.id} as it is kept`)
}

function present(found: string | null, { kind, id }: { kind: Kind; id: string }): string {
  if (found === null) throw new DecisionError('not-found', `no ${kind} has the id ${id}`)
  return found
}

/** Undefined for what is no JSON: the schema then says what was expected. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkVersion({ updatedAt }: { updatedAt: number }, from: number | undefined): void {
  if (from !== undefined && from !== updatedAt)
    throw new DecisionError('conflict', 'somebody changed it meanwhile: look at it again first')
}
