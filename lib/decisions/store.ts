import { randomUUID } from 'node:crypto'
import { ALERTING_LEASE } from '../lease.ts'
import type { Redis } from '../redis.ts'
import {
  type Kept as KeptHashes,
  type KeptKeys,
  type KeptStore,
  createKeptStore,
} from '../redis/kept.ts'
import { whyNot } from '../redis/refusal.ts'
import { VERSION_LUA, headKey } from '../redis/version.ts'
import {
  type Action,
  type Change,
  type ChangeFilter,
  KINDS,
  type Kind,
  isWanted,
} from './change.ts'
import { DecisionError } from './decision-error.ts'

/** What is kept in Redis, as texts: hashes by id, and the change log. Rejects with DecisionError `unavailable`. */
export type DecisionStore = {
  read(): Promise<Kept>
  /** Grows with each change; null when there was none yet. */
  version(): Promise<string | null>
  entry(kind: Kind, id: string): Promise<string | null>
  /** All or none of them, with their lines in the change log; none when one isn't what `before` says. */
  write(writes: readonly Write[], by: By): Promise<Written>
  /** Takes away what is past its keeping; whatever was changed meanwhile stays. */
  forget(entries: readonly { kind: Kind; id: string; text: string }[]): Promise<void>
  /** The newest first. */
  changes(filter: ChangeFilter): Promise<Change[]>
}

export type Kept = {
  readonly version: string | null
  readonly entries: Readonly<Record<Kind, Readonly<Record<string, string>>>>
}

export type Write = {
  readonly kind: Kind
  readonly action: Action
  readonly id: string
  readonly before: string | null
  readonly after: object | null
}

export type By = {
  readonly who: string
  readonly at: number
  /** Of the term in which alerting writes it; left out: it is a person's. */
  readonly token?: number | undefined
}

/** `refused`: by a term of alerting that is over. */
export type Written = 'done' | 'conflict' | 'full' | 'refused'

/** One message for each change, whose content says nothing: it is read again. */
export const CHANGES_CHANNEL = 'wardline:decisions'

const HASHES: Readonly<Record<Kind, string>> = {
  silence: 'wardline:decisions:silences',
  window: 'wardline:decisions:windows',
  acknowledgement: 'wardline:decisions:acknowledgements',
}
const VERSION = 'wardline:decisions:version'
const HEAD = headKey(VERSION)
const KEYS: KeptKeys = {
  what: 'decisions',
  version: VERSION,
  hashes: HASHES,
  channel: CHANGES_CHANNEL,
}
const LOG = 'wardline:decisions:log'
/** Of each kind. What is past its time counts until it is forgotten. */
const MOST_ENTRIES = 20_000
const MOST_CHANGES = 50_000
const LOG_PAGE = 500

// KEYS: version, head, log, alerting's highest token, then the hash of each write. ARGV: channel, most entries, most changes, at,
// who, a name of this change, the token ('' for none), then for each write: what, id, before, after ('' for none). A command whose answer got lost is sent again by the connection: what is
// there already was done by it (no two versions of an entry are the same text).
const WRITE = `${VERSION_LUA}
if ARGV[7] ~= '' and tonumber(ARGV[7]) < tonumber(redis.call('GET', KEYS[4]) or '0') then return 'refused' end
local is_done = true
for i = 5, #KEYS do
  local n = 7 + (i - 5) * 4
  local after = ARGV[n + 4]
  if after == '' or redis.call('HGET', KEYS[i], ARGV[n + 2]) ~= after then is_done = false end
end
if is_done then return 'done' end
for i = 5, #KEYS do
  local n = 7 + (i - 5) * 4
  local before = redis.call('HGET', KEYS[i], ARGV[n + 2]) or ''
  if before ~= ARGV[n + 3] then return 'conflict' end
  if before == '' and redis.call('HLEN', KEYS[i]) >= tonumber(ARGV[2]) then return 'full' end
end
advance(KEYS[1], KEYS[2], ARGV[6])
for i = 5, #KEYS do
  local n = 7 + (i - 5) * 4
  local what, id, before, after = ARGV[n + 1], ARGV[n + 2], ARGV[n + 3], ARGV[n + 4]
  if after == '' then redis.call('HDEL', KEYS[i], id) else redis.call('HSET', KEYS[i], id, after) end
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*',
    'at', ARGV[4], 'who', ARGV[5], 'what', what, 'id', id, 'before', before, 'after', after)
end
redis.call('PUBLISH', ARGV[1], '')
return 'done'`

// KEYS: the hash. ARGV: id, text, …
const FORGET = `
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end`

/** As Redis has them, whatever it lost. */
export const keptDecisions = (redis: Redis): KeptStore => createKeptStore(redis, KEYS)

/** `memory` reads with what Redis lost put back; left out: as Redis has it. */
export function createDecisionStore(
  redis: Redis,
  memory: Pick<KeptStore, 'read' | 'version'> = keptDecisions(redis),
): DecisionStore {
  return {
    read: () => reaching(async () => keptOf(await memory.read())),
    version: () => reaching(() => memory.version()),
    entry: (kind, id) => reaching(() => redis.hget(HASHES[kind], id)),
    write: (writes, { who, at, token }) =>
      reaching(async () => {
        const hashes = writes.map(({ kind }) => HASHES[kind])
        const keys = [VERSION, HEAD, LOG, ALERTING_LEASE.token, ...hashes]
        const values = writes.flatMap(({ kind, action, id, before, after }) => [
          `${kind} ${action}`,
          id,
          before ?? '',
          after === null ? '' : JSON.stringify(after),
        ])
        const name = randomUUID().slice(0, 8)
        const bounds = [CHANGES_CHANNEL, MOST_ENTRIES, MOST_CHANGES, at, who, name, token ?? '']
        return (await redis.eval(WRITE, keys.length, ...keys, ...bounds, ...values)) as Written
      }),
    forget: (entries) =>
      reaching(async () => {
        for (const kind of KINDS) {
          const gone = entries.filter((entry) => entry.kind === kind)
          if (gone.length === 0) continue
          await redis.eval(FORGET, 1, HASHES[kind], ...gone.flatMap(({ id, text }) => [id, text]))
        }
      }),
    changes: (filter) => reaching(() => readChanges(redis, filter)),
  }
}

export const keptOf = ({ version, hashes }: KeptHashes): Kept => ({
  version,
  entries: Object.fromEntries(KINDS.map((kind) => [kind, hashes[kind] ?? {}])) as Kept['entries'],
})

async function readChanges(redis: Redis, filter: ChangeFilter): Promise<Change[]> {
  const { since, until, limit = 100 } = filter
  const found: Change[] = []
  let newest = until === undefined ? '+' : String(until)
  while (found.length < limit) {
    const page = await redis.xrevrange(LOG, newest, since ?? '-', 'COUNT', LOG_PAGE)
    for (const [entry, fields] of page) {
      const change = readChange(entry, fields)
      if (change !== null && isWanted(change, filter)) found.push(change)
    }
    if (page.length < LOG_PAGE) break
    newest = `(${page.at(-1)?.[0]}`
  }
  return found.slice(0, limit)
}

/** Null for a line that somebody else put there. */
function readChange(entry: string, fields: readonly string[]): Change | null {
  const values: Record<string, string> = {}
  for (let i = 0; i + 1 < fields.length; i += 2) values[fields[i] ?? ''] = fields[i + 1] ?? ''
  const { at = '', who = '', what = '', id = '', before = '', after = '' } = values
  if (!KINDS.some((kind) => what.startsWith(`${kind} `))) return null
  return {
    entry,
    at: Number(at),
    who,
    what: what as Change['what'],
    id,
    before: parsed(before),
    after: parsed(after),
  }
}

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text // a corrupt entry that was replaced: as it was found
  }
}

async function reaching<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command()
  } catch (error) {
    throw new DecisionError('unavailable', `Redis can't be asked: ${whyNot(error)}`, {
      cause: error,
    })
  }
}
