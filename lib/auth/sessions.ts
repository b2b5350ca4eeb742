import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Redis } from '../redis.ts'
import { isRefusedWrite } from '../redis/refusal.ts'
import { reaching } from './auth-error.ts'
import { digestOf, randomId } from './token-text.ts'

/** Somebody who signed in. As kept in Redis, under the digest of its id; instants are Unix milliseconds. */
const sessionSchema = z.strictObject({
  user: z.string(),
  /** Of the user: with another one the session is over. */
  epoch: z.string(),
  createdAt: z.number(),
  rotatedAt: z.number(),
  /** Digest of the id that it has by now, where this one is only for what was under way. */
  replacedBy: z.string().nullable(),
  /** What that id is made of, with this one: an answer that never arrived is given again. */
  seed: z.string().nullable().default(null),
  /** Digest of the id before this one, until this one is first used. */
  former: z.string().nullable().default(null),
})
export type Session = z.output<typeof sessionSchema>

export type SessionTimes = { readonly idleMs: number; readonly lifetimeMs: number }

/** All reject with AuthError `unavailable`. */
export type Sessions = {
  /** Gives the id, which is kept nowhere. */
  open(of: { readonly user: string; readonly epoch: string }): Promise<string>
  /** Null when there is none, or it is over. `next` is another id, when it is time for one. */
  use(id: string): Promise<{ session: Session; next: string | null } | null>
  /** Whether it goes on; asking doesn't make it last longer. */
  isOpen(id: string): Promise<Session | null>
  /** By a former id, too: who signs out while another answer brings a new id is signed out. */
  close(id: string): Promise<void>
}

const PREFIX = 'wardline:auth:session:'
const ROTATE_MS = 15 * 60_000
/** Requests that were sent with the former id before the new one was heard: from its first use on. */
const GRACE_MS = 60_000
/** How often a use makes it last longer. */
const TOUCH_MS = 60_000

// KEYS: the former, the next. ARGV: the former's text, its text from now on, the next's, milliseconds for each.
const ROTATE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[5])
return 1`

// KEYS: the next, the former. ARGV: the next's text, its text from now on, milliseconds for the former.
const HEARD = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1`

export function createSessions(
  redis: Redis,
  clock: Pick<Clock, 'now'>,
  { idleMs, lifetimeMs }: SessionTimes,
): Sessions {
  /** How long it may be unused from now on. */
  const remaining = ({ createdAt }: Pick<Session, 'createdAt'>, at: number): number =>
    Math.min(idleMs, createdAt + lifetimeMs - at)

  async function read(id: string): Promise<{ session: Session; text: string } | null> {
    const text = await redis.get(keyOf(id))
    const session = text === null ? null : readSession(text)
    if (text === null || session === null || remaining(session, clock.now()) <= 0) return null
    return { session, text }
  }

  async function rotate(id: string, session: Session, text: string): Promise<string | null> {
    const seed = randomId()
    const next = nextOf(id, seed)
    const at = clock.now()
    const left = remaining(session, at)
    const done = await redis.eval(
      ROTATE,
      2,
      keyOf(id),
      keyOf(next),
      text,
      JSON.stringify({ ...session, replacedBy: digestOf(next), seed }),
      JSON.stringify({ ...session, rotatedAt: at, former: digestOf(id) }),
      left,
      left,
    )
    // Two at once: the other one has made the new id already.
    return done === 1 ? next : null
  }

  /** From the first use of an id on the one before it is good for what was under way alone. */
  async function hear(id: string, session: Session, text: string): Promise<null> {
    if (session.former === null) return null
    const heard = JSON.stringify({ ...session, former: null })
    await redis.eval(HEARD, 2, keyOf(id), PREFIX + session.former, text, heard, GRACE_MS)
    return null
  }

  /** The id that came after this one, while nobody has used it: the answer that brought it may be lost. */
  async function unheard(id: string, { replacedBy, seed }: Session): Promise<string | null> {
    if (replacedBy === null || seed === null) return null
    const text = await redis.get(PREFIX + replacedBy)
    const isUnheard = text !== null && readSession(text)?.former === digestOf(id)
    return isUnheard ? nextOf(id, seed) : null
  }

  return {
    open: ({ user, epoch }) =>
      reaching(async () => {
        const id = randomId()
        const at = clock.now()
        const session: Session = {
          user,
          epoch,
          createdAt: at,
          rotatedAt: at,
          replacedBy: null,
          seed: null,
          former: null,
        }
        await redis.set(keyOf(id), JSON.stringify(session), 'PX', remaining(session, at))
        return id
      }),
    use: (id) =>
      reaching(async () => {
        const found = await read(id)
        if (found === null) return null
        const { session, text } = found
        const at = clock.now()
        if (session.replacedBy !== null) return { session, next: await unheard(id, session) }
        await hear(id, session, text).catch(keepsId)
        if (at - session.rotatedAt >= ROTATE_MS)
          return { session, next: await rotate(id, session, text).catch(keepsId) }
        const left = await redis.pttl(keyOf(id))
        const wanted = remaining(session, at)
        if (wanted - left >= TOUCH_MS) await redis.pexpire(keyOf(id), wanted)
        return { session, next: null }
      }),
    isOpen: (id) => reaching(async () => (await read(id))?.session ?? null),
    close: (id) =>
      reaching(async () => {
        for (let digest: string | null = digestOf(id); digest !== null;) {
          const text: string | null = await redis.getdel(PREFIX + digest)
          digest = text === null ? null : (readSession(text)?.replacedBy ?? null)
        }
      }),
  }
}

/** A Redis that takes no writes ends no session: it gets another id once that can be written. */
function keepsId(error: unknown): null {
  if (isRefusedWrite(error)) return null
  throw error
}

const nextOf = (id: string, seed: string): string => digestOf(`${id} ${seed}`)

const keyOf = (id: string): string => PREFIX + digestOf(id)

function readSession(text: string): Session | null {
  try {
    return sessionSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
