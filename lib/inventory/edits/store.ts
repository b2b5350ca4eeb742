import { randomUUID } from 'node:crypto'
import { AUDIT, MOST_AUDITED } from '../../auth/audit.ts'
import type { Redis } from '../../redis.ts'
import { type KeptKeys, type KeptStore, createKeptStore } from '../../redis/kept.ts'
import { whyNot } from '../../redis/refusal.ts'
import { VERSION_LUA, headKey } from '../../redis/version.ts'
import { EditError } from './edit-error.ts'
import type { WrittenFields } from './fields.ts'

/** Edits and notes in Redis, as texts. Rejects with EditError `unavailable`. */
export type EditStore = {
  read(): Promise<Kept>
  /** Grows with each change; null when there was none yet. */
  version(): Promise<string | null>
  /** All of them or none, with their lines in the audit log; none when anything changed since `version`. */
  write(writes: readonly Write[], by: WrittenBy): Promise<'done' | 'conflict'>
  note(id: string): Promise<string | null>
  /** `before` is what is there; null where there is none. */
  writeNote(
    write: NoteWrite,
    by: { who: string; at: number },
  ): Promise<'done' | 'conflict' | 'full'>
}

export type Kept = {
  readonly version: string | null
  readonly entries: Readonly<Record<string, string>>
}

export type AuditWhat =
  | `device ${'created' | 'changed' | 'deleted' | 'restored'}`
  | `note ${'changed' | 'removed'}`

export type Audited = {
  readonly what: AuditWhat
  readonly before: WrittenFields | null
  readonly after: WrittenFields | null
}

export type Write = {
  readonly id: string
  readonly after: string | null
  /** Null for what nobody asked for. */
  readonly audit: Audited | null
}

export type WrittenBy = {
  readonly who: string
  readonly at: number
  readonly version: string | null
}

export type NoteWrite = {
  readonly id: string
  readonly before: string | null
  readonly after: string | null
  readonly audit: Audited
}

/** One message for each change, whose content says nothing: it is read again. */
export const DEVICES_CHANNEL = 'wardline:devices'

const EDITS = 'wardline:devices:edits'
const VERSION = 'wardline:devices:version'
const HEAD = headKey(VERSION)
const NOTES = 'wardline:devices:notes'
const NOTES_VERSION = 'wardline:devices:notes:version'
const NOTES_HEAD = headKey(NOTES_VERSION)
/** One message for each note that was written. */
export const NOTES_CHANNEL = 'wardline:notes'
/** Names of the last changes. */
const WRITES = 'wardline:devices:writes'
const MOST_NOTES = 10_000
const KEYS: KeptKeys = {
  what: 'devices',
  version: VERSION,
  hashes: { edit: EDITS },
  channel: DEVICES_CHANNEL,
}
const NOTE_KEYS: KeptKeys = {
  what: 'notes',
  version: NOTES_VERSION,
  hashes: { note: NOTES },
  channel: NOTES_CHANNEL,
}

// KEYS: version, head, edits, audit, the last writes. ARGV: the version that was decided over, channel, most lines, at, who, a name
// of this write, then for each device: id, after ('' for none), what ('' for no line), before and after of the line. A
// command whose answer got lost is sent again by the connection: it is known by its name.
const WRITE = `${VERSION_LUA}
if version_of(KEYS[1], KEYS[2]) ~= ARGV[1] then
  return redis.call('LPOS', KEYS[5], ARGV[6]) and 'done' or 'conflict'
end
advance(KEYS[1], KEYS[2], string.sub(ARGV[6], 1, 8))
for n = 7, #ARGV, 5 do
  if ARGV[n + 1] == '' then redis.call('HDEL', KEYS[3], ARGV[n])
  else redis.call('HSET', KEYS[3], ARGV[n], ARGV[n + 1]) end
  if ARGV[n + 2] ~= '' then
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[3], '*', 'at', ARGV[4], 'who', ARGV[5],
      'what', ARGV[n + 2], 'id', ARGV[n], 'before', ARGV[n + 3], 'after', ARGV[n + 4])
  end
end
redis.call('LPUSH', KEYS[5], ARGV[6])
redis.call('LTRIM', KEYS[5], 0, 99)
redis.call('PUBLISH', ARGV[2], '')
return 'done'`

// KEYS: version, head, notes, audit. ARGV: most notes, most lines, at, who, what, id, before, after, before and after of the line,
// channel, a name of this change.
const WRITE_NOTE = `${VERSION_LUA}
local found = redis.call('HGET', KEYS[3], ARGV[6]) or ''
if found ~= ARGV[7] then return found == ARGV[8] and 'done' or 'conflict' end
if found == '' and redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[1]) then return 'full' end
advance(KEYS[1], KEYS[2], ARGV[12])
if ARGV[8] == '' then redis.call('HDEL', KEYS[3], ARGV[6])
else redis.call('HSET', KEYS[3], ARGV[6], ARGV[8]) end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[2], '*', 'at', ARGV[3], 'who', ARGV[4],
  'what', ARGV[5], 'id', ARGV[6], 'before', ARGV[9], 'after', ARGV[10])
redis.call('PUBLISH', ARGV[11], '')
return 'done'`

/** As Redis has them, whatever it lost. */
export const keptEdits = (redis: Redis): KeptStore => createKeptStore(redis, KEYS)
export const keptNotes = (redis: Redis): KeptStore => createKeptStore(redis, NOTE_KEYS)

/** `memory` reads with what Redis lost put back; left out: as Redis has it. */
export function createEditStore(
  redis: Redis,
  memory: Pick<KeptStore, 'read' | 'version'> = keptEdits(redis),
): EditStore {
  return {
    read: () =>
      reaching(async () => {
        const { version, hashes } = await memory.read()
        return { version, entries: hashes['edit'] ?? {} }
      }),
    version: () => reaching(() => memory.version()),
    write: (writes, { who, at, version }) =>
      reaching(async () => {
        const bounds = [version ?? '', DEVICES_CHANNEL, MOST_AUDITED, at, who, randomUUID()]
        const values = writes.flatMap(({ id, after, audit }) => [
          id,
          after ?? '',
          audit?.what ?? '',
          text(audit?.before ?? null),
          text(audit?.after ?? null),
        ])
        const keys = [VERSION, HEAD, EDITS, AUDIT, WRITES]
        const written = await redis.eval(WRITE, keys.length, ...keys, ...bounds, ...values)
        return written as 'done' | 'conflict'
      }),
    note: (id) => reaching(() => redis.hget(NOTES, id)),
    writeNote: ({ id, before, after, audit }, { who, at }) =>
      reaching(async () => {
        const bounds = [MOST_NOTES, MOST_AUDITED, at, who, audit.what, id]
        const values = [before ?? '', after ?? '', text(audit.before), text(audit.after)]
        const names = [NOTES_CHANNEL, randomUUID().slice(0, 8)]
        const keys = [NOTES_VERSION, NOTES_HEAD, NOTES, AUDIT]
        const all = [...bounds, ...values, ...names]
        const written = await redis.eval(WRITE_NOTE, keys.length, ...keys, ...all)
        return written as 'done' | 'conflict' | 'full'
      }),
  }
}

const text = (value: object | null): string => (value === null ? '' : JSON.stringify(value))

/** What a command of Redis gives, or EditError `unavailable`. */
export async function reaching<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command()
  } catch (error) {
    throw new EditError('unavailable', `Redis can't be asked: ${whyNot(error)}`, { cause: error })
  }
}
