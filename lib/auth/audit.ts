import type { Redis } from '../redis.ts'
import { reaching } from './auth-error.ts'

/** One line of what people changed or tried: who did what, when, and what it was before and after. Never a secret. */
export type AuditEntry = {
  /** Unix milliseconds. */
  readonly at: number
  readonly who: string
  /** The kind, then what was done: `silence created`, `device changed`, `session refused`. */
  readonly what: string
  readonly id: string
  readonly before: unknown
  readonly after: unknown
}

export type AuditFilter = {
  /** The beginning of `what`: `silence`, `device`, `user`, `token`, `session`, … */
  readonly kind?: string | undefined
  readonly who?: string | undefined
  readonly id?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** A text that occurs anywhere in the entry, in any case. */
  readonly q?: string | undefined
  readonly limit: number
  readonly offset: number
}

/** What is changed besides decisions, which have a log of their own. Whoever writes here keeps to these fields and bound. */
export const AUDIT = 'wardline:audit'
export const MOST_AUDITED = 50_000
const DECISIONS = 'wardline:decisions:log'
/** Sign-ins that failed: anybody can make many, and must not push out what was changed. */
const REFUSED = 'wardline:audit:refused'
const MOST_REFUSED = 10_000
export const REFUSED_SIGN_IN = 'session refused'
const PAGE = 1_000

/** The fields of an entry, as the stream has them: for XADD. */
export const auditEntry = ({ at, who, what, id, before, after }: AuditEntry): string[] => [
  'at',
  String(at),
  'who',
  who,
  'what',
  what,
  'id',
  id,
  'before',
  written(before),
  'after',
  written(after),
]

/** For what changes nothing in Redis itself: a sign-in, a diagnostic. Rejects with AuthError `unavailable`. */
export async function appendAudit(redis: Redis, entry: AuditEntry): Promise<void> {
  const [stream, most] =
    entry.what === REFUSED_SIGN_IN ? [REFUSED, MOST_REFUSED] : [AUDIT, MOST_AUDITED]
  await reaching(() => redis.xadd(stream, 'MAXLEN', '~', most, '*', ...auditEntry(entry)))
}

/** All logs in one, the newest first, and how many entries match. Rejects with AuthError `unavailable`. */
export function readAudit(
  redis: Redis,
  filter: AuditFilter,
): Promise<{ entries: readonly AuditEntry[]; total: number }> {
  return reaching(async () => {
    const { limit, offset } = filter
    const isWanted = wantedBy(filter)
    const found: AuditEntry[] = []
    let total = 0
    for await (const entry of newestFirst(
      entriesOf(redis, DECISIONS, filter),
      newestFirst(entriesOf(redis, AUDIT, filter), entriesOf(redis, REFUSED, filter)),
    )) {
      if (!isWanted(entry)) continue
      if (total >= offset && found.length < limit) found.push(entry)
      total++
    }
    return { entries: found, total }
  })
}

/** Pure: whether an entry is asked for. */
function wantedBy({
  kind,
  who,
  id,
  since = -Infinity,
  until = Infinity,
  q,
}: AuditFilter): (entry: AuditEntry) => boolean {
  const text = q?.toLowerCase()
  return (entry) =>
    entry.at >= since &&
    entry.at <= until &&
    (kind === undefined || entry.what === kind || entry.what.startsWith(`${kind} `)) &&
    (who === undefined || entry.who === who) &&
    (id === undefined || entry.id === id) &&
    (text === undefined || JSON.stringify(entry).toLowerCase().includes(text))
}

async function* newestFirst(
  one: AsyncGenerator<AuditEntry>,
  other: AsyncGenerator<AuditEntry>,
): AsyncGenerator<AuditEntry> {
  let [a, b] = await Promise.all([one.next(), other.next()])
  while (a.done !== true || b.done !== true) {
    if (b.done === true || (a.done !== true && a.value.at >= b.value.at)) {
      if (a.done !== true) yield a.value
      a = await one.next()
    } else {
      yield b.value
      b = await other.next()
    }
  }
}

/** A stream counts by Redis' clock, an entry says when it was by the clock of who wrote it: so far apart they may be. */
const CLOCKS_APART_MS = 86_400_000

async function* entriesOf(
  redis: Redis,
  stream: string,
  { since, until }: AuditFilter,
): AsyncGenerator<AuditEntry> {
  const oldest = since === undefined ? '-' : Math.max(0, since - CLOCKS_APART_MS)
  let newest = until === undefined ? '+' : String(until + CLOCKS_APART_MS)
  while (true) {
    const page = await redis.xrevrange(stream, newest, oldest, 'COUNT', PAGE)
    for (const [, fields] of page) yield read(fields)
    if (page.length < PAGE) return
    newest = `(${page.at(-1)?.[0]}`
  }
}

function read(fields: readonly string[]): AuditEntry {
  const values: Record<string, string> = {}
  for (let i = 0; i + 1 < fields.length; i += 2) values[fields[i] ?? ''] = fields[i + 1] ?? ''
  const { at = '', who = '', what = '', id = '', before = '', after = '' } = values
  return { at: Number(at) || 0, who, what, id, before: parsed(before), after: parsed(after) }
}

const written = (value: unknown): string =>
  value === null || value === undefined ? '' : JSON.stringify(value)

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
