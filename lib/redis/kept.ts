import { randomUUID } from 'node:crypto'
import type { Redis } from '../redis.ts'
import { AUDIT, MOST_AUDITED } from '../auth/audit.ts'
import type { Hashes, Repair } from './merge.ts'
import { STATE, putBackField } from './state.ts'
import { VERSION_LUA, type Version, countOf, headKey, versionText } from './version.ts'

/** Hashes of one version, as Redis has them. Rejects as the connection does. */
export type KeptStore = {
  read(): Promise<Kept>
  version(): Promise<Version>
  /** All of it, with a line in the audit log; false when somebody changed something since `found`. */
  repair(found: Version, known: Version, repair: Repair, at: number): Promise<boolean>
}

export type Kept = { readonly version: Version; readonly hashes: Hashes }

export type KeptKeys = {
  /** What it is, in the plural: `decisions`. */
  readonly what: string
  readonly version: string
  /** Keys by name. */
  readonly hashes: Readonly<Record<string, string>>
  /** Hears of each change. */
  readonly channel: string
}

// KEYS: version, head, then the hashes. All of one moment; a transaction of a full Redis takes not even questions.
const READ = `
local answer = {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])}
for n = 3, #KEYS do answer[n] = redis.call('HGETALL', KEYS[n]) end
return answer`

// KEYS: version, head, state, audit, then the hashes. ARGV: the version that was found, the count from now on, its name, channel,
// field of the state, its value, most lines, at, what, after, then for each change: place of its hash in KEYS, id, text ('' for none).
const REPAIR = `${VERSION_LUA}
if version_of(KEYS[1], KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], ARGV[2])
for n = 11, #ARGV, 3 do
  local hash = KEYS[tonumber(ARGV[n])]
  if ARGV[n + 2] == '' then redis.call('HDEL', hash, ARGV[n + 1])
  else redis.call('HSET', hash, ARGV[n + 1], ARGV[n + 2]) end
end
redis.call('HSET', KEYS[3], ARGV[5], ARGV[6])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[7], '*', 'at', ARGV[8], 'who', 'wardline',
  'what', 'redis repaired', 'id', ARGV[9], 'before', '', 'after', ARGV[10])
redis.call('PUBLISH', ARGV[4], '')
return 1`

export function createKeptStore(redis: Redis, keys: KeptKeys): KeptStore {
  const head = headKey(keys.version)
  const names = Object.keys(keys.hashes)
  const hashKeys = Object.values(keys.hashes)
  return {
    async read() {
      const all = [keys.version, head, ...hashKeys]
      const answer = (await redis.eval(READ, all.length, ...all)) as [
        string | null,
        string | null,
        ...string[][],
      ]
      const [count, name, ...hashes] = answer
      return {
        version: versionText(count, name),
        hashes: Object.fromEntries(names.map((each, i) => [each, textsOf(hashes[i] ?? [])])),
      }
    },
    async version() {
      const [count = null, name = null] = await redis.mget(keys.version, head)
      return versionText(count, name)
    },
    async repair(found, known, { changes, putBack, removed }, at) {
      const count = Math.max(countOf(known), countOf(found)) + 1
      const after = JSON.stringify({ put_back: putBack, removed })
      const name = randomUUID().slice(0, 8)
      const told = JSON.stringify({ at, put_back: putBack, removed })
      const bounds = [found ?? '', count, name, keys.channel, putBackField(keys.what), told]
      const line = [MOST_AUDITED, at, keys.what, after]
      const values = changes.flatMap(({ hash, id, text }) => [
        5 + names.indexOf(hash),
        id,
        text ?? '',
      ])
      const all = [keys.version, head, STATE, AUDIT, ...hashKeys]
      return (await redis.eval(REPAIR, all.length, ...all, ...bounds, ...line, ...values)) === 1
    },
  }
}

/** Of fields and values in turn. */
function textsOf(flat: readonly string[]): Record<string, string> {
  const texts: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) texts.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return Object.fromEntries(texts)
}
