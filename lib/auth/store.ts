import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Redis } from '../redis.ts'
import { type Kept, type KeptKeys, type KeptStore, createKeptStore } from '../redis/kept.ts'
import { VERSION_LUA, headKey } from '../redis/version.ts'
import { type Token, type User, tokenSchema, userSchema } from './account.ts'
import { AUDIT, MOST_AUDITED } from './audit.ts'
import { reaching } from './auth-error.ts'

/** Users and tokens as they are in Redis at one moment. */
export type Accounts = {
  /** Grows with each change; null when there was none yet. */
  readonly version: string | null
  readonly users: ReadonlyMap<string, User>
  readonly tokens: ReadonlyMap<string, Token>
  /** Entries that nobody can read: they let nobody in. */
  readonly corrupt: readonly string[]
}

export type AccountWrite = {
  readonly kind: 'user' | 'token'
  readonly id: string
  readonly after: User | Token | null
  readonly audit: {
    readonly what: string
    readonly before: object | null
    readonly after: object | null
  }
}

/** Rejects with AuthError `unavailable`. */
export type AccountStore = {
  read(): Promise<Accounts>
  version(): Promise<string | null>
  /** With its line in the audit log; `conflict` when anything changed since `version`. */
  write(
    write: AccountWrite,
    by: { readonly who: string; readonly at: number; readonly version: string | null },
  ): Promise<'done' | 'conflict'>
  /** When somebody signed in last, or a token was used, by `user:<name>` and `token:<id>`. Unix milliseconds. */
  seen(): Promise<ReadonlyMap<string, number>>
  see(entries: ReadonlyMap<string, number>): Promise<void>
}

/** One message for each change, whose content says nothing: it is read again. */
export const ACCOUNTS_CHANNEL = 'wardline:auth'

const HASHES = { user: 'wardline:auth:users', token: 'wardline:auth:tokens' } as const
const SEEN = 'wardline:auth:seen'
const VERSION = 'wardline:auth:version'
const HEAD = headKey(VERSION)
export const ACCOUNT_KEYS = {
  what: 'accounts',
  version: VERSION,
  hashes: HASHES,
  channel: ACCOUNTS_CHANNEL,
} as const satisfies KeptKeys

// KEYS: version, head, the hash, seen, audit. ARGV: the version that was decided over, channel, most lines, at, who, then
// id, after ('' for none), what, before and after of the line, the field in seen, a name of this change. A command whose answer got lost is
// sent again by the connection: what is there already was done by it.
const WRITE = `${VERSION_LUA}
if version_of(KEYS[1], KEYS[2]) ~= ARGV[1] then
  if (redis.call('HGET', KEYS[3], ARGV[6]) or '') == ARGV[7] then return 'done' end
  return 'conflict'
end
advance(KEYS[1], KEYS[2], ARGV[12])
if ARGV[7] == '' then
  redis.call('HDEL', KEYS[3], ARGV[6])
  redis.call('HDEL', KEYS[4], ARGV[11])
else redis.call('HSET', KEYS[3], ARGV[6], ARGV[7]) end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[3], '*', 'at', ARGV[4], 'who', ARGV[5],
  'what', ARGV[8], 'id', ARGV[6], 'before', ARGV[9], 'after', ARGV[10])
redis.call('PUBLISH', ARGV[2], '')
return 'done'`

/** As Redis has them, whatever it lost. */
export const keptAccounts = (redis: Redis): KeptStore => createKeptStore(redis, ACCOUNT_KEYS)

/** `memory` reads with what Redis lost put back; left out: as Redis has it. */
export function createAccountStore(
  redis: Redis,
  memory: Pick<KeptStore, 'read' | 'version'> = keptAccounts(redis),
): AccountStore {
  return {
    read: () => reaching(async () => accountsOf(await memory.read())),
    version: () => reaching(() => memory.version()),
    write: ({ kind, id, after, audit }, { who, at, version }) =>
      reaching(async () => {
        const bounds = [version ?? '', ACCOUNTS_CHANNEL, MOST_AUDITED, at, who]
        const values = [id, text(after), audit.what, text(audit.before), text(audit.after)]
        const keys = [VERSION, HEAD, HASHES[kind], SEEN, AUDIT]
        const names = [`${kind}:${id}`, randomUUID().slice(0, 8)]
        const written = await redis.eval(WRITE, 5, ...keys, ...bounds, ...values, ...names)
        return written as 'done' | 'conflict'
      }),
    seen: () =>
      reaching(async () => {
        const all = Object.entries(await redis.hgetall(SEEN))
        return new Map(all.map(([key, at]) => [key, Number(at)]))
      }),
    see: (entries) =>
      reaching(async () => {
        if (entries.size > 0) await redis.hset(SEEN, Object.fromEntries(entries))
      }),
  }
}

function accountsOf({ version, hashes }: Kept): Accounts {
  const corrupt: string[] = []
  return {
    version,
    users: readAll(userSchema, hashes['user'] ?? {}, 'user', ({ name }) => name, corrupt),
    tokens: readAll(tokenSchema, hashes['token'] ?? {}, 'token', ({ id }) => id, corrupt),
    corrupt,
  }
}

type Texts = Readonly<Record<string, string>>

function readAll<T>(
  schema: z.ZodType<T>,
  texts: Texts,
  kind: string,
  idOf: (value: T) => string,
  corrupt: string[],
): Map<string, T> {
  const read = new Map<string, T>()
  for (const [id, given] of Object.entries(texts)) {
    const { data } = schema.safeParse(parsed(given))
    if (data === undefined || idOf(data) !== id) corrupt.push(`${kind} ${id}`)
    else read.set(id, data)
  }
  return read
}

function parsed(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}

const text = (value: object | null): string => (value === null ? '' : JSON.stringify(value))
