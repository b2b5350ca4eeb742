import type { Redis } from './redis.ts'

/** Who holds a lease. `since` is when it was granted, by the holder's clock, in Unix milliseconds. */
export type Leader = {
  readonly instance: string
  /** Where the holder is reached. */
  readonly url: string
  /** The fencing token: each grant has a higher one than all before it. */
  readonly token: number
  readonly since: number
}

/** What is asked of Redis. */
export type Claim = {
  readonly me: Pick<Leader, 'instance' | 'url' | 'since'>
  /** The token that is held, to be renewed; null: the lease is wanted. */
  readonly held: number | null
  /** The highest token that anybody is known to have had: a Redis that lost its memory must not begin again. */
  readonly highest: number
  /** Whether a lease that isn't there may be taken. Not while one was seen that can't have run out. */
  readonly ifAbsent: boolean
  /** Takes it from whoever holds it: it is known to do nothing. */
  readonly force: boolean
  /** Holders that are known to be no more: theirs is free. */
  readonly former: readonly string[]
}

export type Answer =
  | { readonly granted: true; readonly token: number }
  | {
      readonly granted: false
      /** Null: nobody holds it. */
      readonly leader: Leader | null
      /** How long it still runs. */
      readonly leftMs: number
      readonly highest: number
    }

/** A lease in Redis, by Redis' own clock. Each call rejects when Redis can't be asked. */
export type Lease = {
  claim(claim: Claim): Promise<Answer>
  /** Ends it at once where it is still held under this token. */
  release(instance: string, token: number): Promise<void>
}

export type LeaseKeys = { readonly leader: string; readonly token: string }

export const ALERTING_LEASE: LeaseKeys = {
  leader: 'wardline:alerting:leader',
  token: 'wardline:alerting:token',
}

/** Renewed several times while it runs. With what a takeover takes besides, it is done within 10 s of a crash. */
export const LEASE_MS = 8_000

// KEYS: lease, token. ARGV: instance, url, since, lease's length, held token ('' for none), highest known token, whether an
// absent one may be taken, whether one that is held may, then former holders. A lease that was given back stays for a while with `released`: one that
// Redis forgot looks otherwise, and may still be held.
const CLAIM = `
local holder, token, released = unpack(redis.call('HMGET', KEYS[1], 'instance', 'token', 'released'))
local fence = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), tonumber(token or '0'))
local held = tonumber(ARGV[5])
local function grant(granted)
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'instance', ARGV[1], 'url', ARGV[2], 'since', ARGV[3], 'token', string.format('%.0f', granted))
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  redis.call('SET', KEYS[2], string.format('%.0f', granted))
  return { 1, granted }
end
if held then
  local is_mine = holder == ARGV[1] and tonumber(token) == held and not released
  if is_mine or (not holder and fence <= held) then return grant(held) end
else
  local is_free = released or holder == ARGV[1] or ARGV[8] == '1'
  if not holder then is_free = ARGV[7] == '1' end
  for i = 9, #ARGV do if ARGV[i] == holder then is_free = true end end
  if is_free then return grant(math.max(fence, tonumber(ARGV[6])) + 1) end
end
if not holder or released then return { 0, '', '', 0, 0, 0, fence } end
local url, since = unpack(redis.call('HMGET', KEYS[1], 'url', 'since'))
return { 0, holder, url, tonumber(token), tonumber(since), redis.call('PTTL', KEYS[1]), fence }
`

const RELEASE = `
local holder, token = unpack(redis.call('HMGET', KEYS[1], 'instance', 'token'))
if holder == ARGV[1] and tonumber(token) == tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'released', '1') end
`

export function openLease(redis: Pick<Redis, 'eval'>, keys: LeaseKeys, leaseMs = LEASE_MS): Lease {
  return {
    async claim({ me, held, highest, ifAbsent, force, former }) {
      const answer = (await redis.eval(
        CLAIM,
        2,
        keys.leader,
        keys.token,
        me.instance,
        me.url,
        me.since,
        leaseMs,
        held ?? '',
        highest,
        ifAbsent ? '1' : '0',
        force ? '1' : '0',
        ...former,
      )) as
        | [granted: 1, token: number]
        | [0, instance: string, url: string, token: number, since: number, left: number, number]
      if (answer[0] === 1) return { granted: true, token: answer[1] }
      const [, instance, url, token, since, left, fence] = answer
      const leader = instance === '' ? null : { instance, url, token, since }
      return { granted: false, leader, leftMs: Math.max(0, left), highest: fence }
    },
    async release(instance, token) {
      await redis.eval(RELEASE, 1, keys.leader, instance, token)
    },
  }
}

/** Who holds a lease now, for those who only want to know. Null: nobody. */
export async function readLeader(
  redis: Pick<Redis, 'hgetall'>,
  { leader }: LeaseKeys,
): Promise<Leader | null> {
  const { instance, url = '', token, since, released } = await redis.hgetall(leader)
  if (instance === undefined || released !== undefined) return null
  return { instance, url, token: Number(token), since: Number(since) }
}
