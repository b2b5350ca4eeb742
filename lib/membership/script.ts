import { z } from 'zod'
import type { Redis } from '../redis.ts'
import { CHANNELS } from '../service.ts'

/** One who shares the devices of a site. Instants are Unix milliseconds by the clock of Redis. */
export type Member = {
  readonly name: string
  /** It probes its share from here on; before that, those who were there before it do. */
  readonly from: number
  /** When it was last heard of. */
  readonly beatAt: number
  /** When its lease ends unless it is heard of again. */
  readonly endsAt: number
}

export type Beat = {
  readonly name: string
  readonly site: string
  /** Of this process alone: what tells two of one name apart. */
  readonly token: string
  readonly host: string
  /** It has been probing all the while, whatever became of its lease. */
  readonly goesOn: boolean
}

export type BeatTiming = {
  readonly ttlMs: number
  /** Between a newcomer's first word and its share: all the others have heard of it by then. */
  readonly leadMs: number
  /** Who holds a name and says nothing for so long is gone, as far as another of that name is concerned. */
  readonly silentMs: number
}

export type Answer = {
  readonly now: number
  /** `own`: its lease goes on. `new`: it has one now. `again`: it had lost it, and goes on. `held`: by another of its name. */
  readonly is: 'own' | 'new' | 'again' | 'held'
  /** Who has the name, and how often it was heard of. */
  readonly holder: { readonly host: string; readonly site: string; readonly beats: number }
  /** When another process of this name and site was last heard of, if that is no longer ago than a lease; else null. */
  readonly predecessorAt: number | null
  /** Those of the site. */
  readonly members: readonly Member[]
}

/** A hash of all sites' collectors by name: the name is the vantage on their samples, and no two may have the same. */
export const MEMBERS_KEY = 'wardline:collectors'

// All instants are this one clock's. What a clock that was set leaves behind is bounded when it is read: no lease lasts
// longer than a whole one from now, and nobody waits longer for its share than a newcomer. A newcomer's share begins half a
// second after a whole one: probes are sent on whole seconds, so nobody's is in question. Who comes first waits for nobody.
// Who is the last to leave a site leaves a lease that has ended: the next of its name reads from it since when nobody probed.
const SCRIPT = `
local what, name, site, token, host = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local ttl, lead, silent = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local goes_on, channel = ARGV[9] == '1', ARGV[10]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entries, is_changed, is_first, left = {}, false, true, nil

local function keep(key, entry)
  entries[key] = entry
  redis.call('HSET', KEYS[1], key, cjson.encode(entry))
end

local texts = redis.call('HGETALL', KEYS[1])
for i = 1, #texts, 2 do
  local is_read, entry = pcall(cjson.decode, texts[i + 1])
  local is_sound = is_read and type(entry) == 'table' and type(entry.site) == 'string'
    and type(entry.token) == 'string' and type(entry.host) == 'string' and type(entry.from) == 'number'
    and type(entry.beat) == 'number' and type(entry.ends) == 'number' and type(entry.beats) == 'number'
  if is_sound and entry.ends > now then
    entries[texts[i]] = entry
    if entry.ends > now + ttl then
      entry.ends, entry.beat, entry.from = now + ttl, now, math.min(entry.from, now)
      keep(texts[i], entry)
    end
    if entry.site == site and texts[i] ~= name then is_first = false end
  elseif is_sound and entry.beat == entry.ends and now - entry.beat <= ttl then
    if texts[i] == name and entry.site == site then left = entry end
  else
    redis.call('HDEL', KEYS[1], texts[i])
    is_changed = true
  end
end

local own = entries[name]
local is = 'own'
local predecessor = false
if own and own.token ~= token and own.site == site then predecessor = own.beat end
if left and is_first then predecessor = left.beat end
if what == 'leave' then
  if own and own.token == token then
    if is_first then
      own.beat, own.ends = now, now
      keep(name, own)
    else
      redis.call('HDEL', KEYS[1], name)
    end
    is_changed = true
  end
elseif own and own.token ~= token and now - own.beat <= silent then
  is = 'held'
else
  local from, beats = now, 1
  if own and own.site == site then
    from, beats = own.from, own.beats + 1
  elseif goes_on then
    is = 'again'
  else
    is = 'new'
    if not is_first then from = math.floor((now + lead) / 1000) * 1000 + 500 end
  end
  if is ~= 'own' then is_changed = true end
  own = { site = site, token = token, host = host, from = from, beat = now, ends = now + ttl, beats = beats }
  keep(name, own)
  redis.call('PEXPIRE', KEYS[1], ttl * 6)
end
if is_changed then redis.call('PUBLISH', channel, site) end

local members = {}
for key, entry in pairs(entries) do
  if entry.site == site and (what ~= 'leave' or key ~= name) then
    table.insert(members, { key, entry.from, entry.beat, entry.ends })
  end
end
own = own or { host = '', site = '', beats = 0 }
return { now, is, { own.host, own.site, own.beats }, predecessor, members }
`

const instant = z.number()
const answerSchema = z.tuple([
  instant,
  z.enum(['own', 'new', 'again', 'held']),
  z.tuple([z.string(), z.string(), z.number()]),
  instant.nullable(),
  z.array(z.tuple([z.string(), instant, instant, instant])),
])

/** Says that it is there. Rejects when Redis can't be asked. */
export async function sendBeat(redis: Redis, beat: Beat, timing: BeatTiming): Promise<Answer> {
  const [now, is, [host, site, beats], predecessorAt, members] = answerSchema.parse(
    await run(redis, 'beat', beat, timing),
  )
  return {
    now,
    is,
    holder: { host, site, beats },
    predecessorAt,
    members: members.map(([name, from, beatAt, endsAt]) => ({ name, from, beatAt, endsAt })),
  }
}

/** Gives its share to the others at once. Rejects when Redis can't be asked. */
export async function sendLeave(redis: Redis, beat: Beat, timing: BeatTiming): Promise<void> {
  await run(redis, 'leave', beat, timing)
}

const run = (
  redis: Redis,
  what: 'beat' | 'leave',
  { name, site, token, host, goesOn }: Beat,
  { ttlMs, leadMs, silentMs }: BeatTiming,
): Promise<unknown> =>
  redis.eval(
    SCRIPT,
    1,
    MEMBERS_KEY,
    what,
    name,
    site,
    token,
    host,
    ttlMs,
    leadMs,
    silentMs,
    goesOn ? '1' : '',
    CHANNELS.members,
  )
