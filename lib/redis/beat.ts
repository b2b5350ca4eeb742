import { randomUUID } from 'node:crypto'
import type { Redis } from '../redis.ts'
import { STATE } from './state.ts'

/** Where a process last saw Redis: an instant that grows with each beat of any process, and the life that Redis is in. */
export type Mark = {
  readonly at: number
  /** Another one after each loss that somebody noticed. */
  readonly generation: string
}

export type Beat = {
  readonly mark: Mark
  /** Whether Redis lacks what was there at the mark that was known. */
  readonly isLost: boolean
  /** How far it went back; null: all of it is gone, or that isn't known. */
  readonly lostMs: number | null
  /** All fields of the state. */
  readonly fields: Readonly<Record<string, string>>
}

// KEYS: state. ARGV: the instant and the generation that are known ('' for none), a new generation. The instant grows whatever
// the clock of Redis does; writing it shows whether Redis takes writes. Who notices a loss first begins a new generation, by which
// the others notice it.
const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('HMGET', KEYS[1], 'at', 'generation')
local at, generation = tonumber(before[1] or '0'), before[2]
local known = tonumber(ARGV[1])
local is_behind = known and at < known
local begins = not generation or (is_behind and generation == ARGV[2])
local text = string.format('%.0f', math.max(now, at + 1))
redis.call('HSET', KEYS[1], 'at', text)
if begins then
  redis.call('HSET', KEYS[1], 'generation', ARGV[3])
  if known then
    redis.call('HSET', KEYS[1], 'lost_at', text, 'lost_ms', at > 0 and string.format('%.0f', known - at) or '')
  end
end
return redis.call('HGETALL', KEYS[1])`

/** Rejects as the connection does, and where Redis takes no writes. */
export async function sendBeat(redis: Redis, known: Mark | null): Promise<Beat> {
  const fresh = randomUUID()
  const values = [known?.at ?? '', known?.generation ?? '', fresh]
  const answer = (await redis.eval(BEAT, 1, STATE, ...values)) as string[]
  const fields: Record<string, string> = {}
  for (let i = 0; i + 1 < answer.length; i += 2) fields[answer[i] ?? ''] = answer[i + 1] ?? ''
  const { generation = '', at = '', lost_ms: lost = '' } = fields
  const isLost = known !== null && generation !== known.generation
  return {
    mark: { at: Number(at), generation },
    isLost,
    lostMs: isLost && lost !== '' ? Number(lost) : null,
    fields,
  }
}
