import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Context } from 'hono'
import type { Clock } from '../lib/clock.ts'
import type { View } from './view/build.ts'

/** What an answer says, written. */
export type Written = {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of a list: how many there are, on this page and on others. */
  readonly total?: number
}

/** Views of another process, or of this one before a restart, have other tags. */
const run = randomBytes(4).toString('hex')

/**
 * An answer made from a view: it says how old the view is, and a client that has this very view gets a 304. The
 * body must follow from the view and the URL alone.
 */
export function answerView(
  c: Context,
  view: View,
  clock: Clock,
  body: () => unknown,
): Promise<Response> {
  const write = async (): Promise<Written> => ({ bytes: Buffer.from(JSON.stringify(body())) })
  return answerBody(c, view, clock, () => bodyOf(view, c.req.url, write))
}

/** The part of a list that `limit` and `offset` ask for; `X-Total-Count` says how many there are in all. */
export function answerList<T>(
  c: Context,
  view: View,
  clock: Clock,
  { limit, offset }: { readonly limit?: number | undefined; readonly offset: number },
  list: () => readonly T[],
): Promise<Response> {
  const write = async (): Promise<Written> => {
    const all = list()
    const end = limit === undefined ? undefined : offset + limit
    return { bytes: Buffer.from(JSON.stringify(all.slice(offset, end))), total: all.length }
  }
  return answerBody(c, view, clock, () => bodyOf(view, c.req.url, write))
}

/** The same for a body that is written as bytes, piece by piece where it is long. It must follow from the view it is given. */
export function answerWritten(
  c: Context,
  view: View,
  clock: Clock,
  write: (of: View) => Promise<Written>,
): Promise<Response> {
  return answerBody(c, view, clock, () => bodyOf(view, c.req.url, () => write(view), write))
}

async function answerBody(
  c: Context,
  view: View,
  clock: Clock,
  bodyNow: () => Promise<Body>,
): Promise<Response> {
  stampView(c, view, clock)
  const tag = `W/"${run}-${numberOf(view)}"`
  c.header('ETag', tag)
  // What it says depends on who asks.
  c.header('Cache-Control', 'private, no-cache')
  if (hasTag(c.req.header('if-none-match'), tag)) return c.body(null, 304)
  const body = await bodyNow()
  c.header('Content-Type', 'application/json')
  c.header('Vary', 'Accept-Encoding')
  const { total, bytes } = body.written
  if (total !== undefined) c.header('X-Total-Count', String(total))
  if (bytes.byteLength < LEAST_COMPRESSED || !takesGzip(c)) {
    c.header('Content-Length', String(bytes.byteLength))
    return c.body(bytes)
  }
  c.header('Content-Encoding', 'gzip')
  return c.body(await body.compressed())
}

type Body = {
  readonly written: Written
  readonly compressed: () => Promise<Uint8Array<ArrayBuffer>>
  /** Whether somebody took it compressed. */
  readonly isPacked: () => boolean
}

type Answers = {
  readonly bodies: Map<string, Promise<Body>>
  /** How those that somebody asked for are written of another view. */
  readonly rewrites: Map<string, (of: View) => Promise<Written>>
  bytes: number
}

// The same question over the same view has the same answer: many pages ask it in the second that a view lives.
const answers = new WeakMap<View, Answers>()
/** A view keeps so much of what it was asked, at most: it is asked by anybody, for anything. */
const MOST_BODIES = 64
const MOST_BYTES = 64 * 1024 * 1024
const LEAST_COMPRESSED = 1_024
/** What is written before anybody asks: the lists of as many dashboards. */
const MOST_PREPARED = 4

function bodyOf(
  view: View,
  url: string,
  write: () => Promise<Written>,
  rewrite?: (of: View) => Promise<Written>,
): Promise<Body> {
  const kept = answersOf(view)
  const { bodies, rewrites } = kept
  if (rewrite !== undefined && rewrites.size < MOST_PREPARED) rewrites.set(url, rewrite)
  const known = bodies.get(url)
  if (known !== undefined) return known
  const made = write().then(toBody)
  if (bodies.size >= MOST_BODIES) return made
  bodies.set(url, made)
  const forget = (): void => void bodies.delete(url)
  made.then(({ written }) => {
    kept.bytes += written.bytes.byteLength
    if (kept.bytes > MOST_BYTES) forget()
  }, forget)
  return made
}

function answersOf(view: View): Answers {
  let kept = answers.get(view)
  if (kept === undefined)
    answers.set(view, (kept = { bodies: new Map(), rewrites: new Map(), bytes: 0 }))
  return kept
}

/** Writes of a new view what was asked of the one before it: who asks again doesn't wait for that. */
export async function prepareAnswers(next: View, before: View | null): Promise<void> {
  if (before === null) return
  const { bodies, rewrites } = answersOf(before)
  for (const [url, rewrite] of rewrites) {
    try {
      const body = await bodyOf(next, url, () => rewrite(next))
      if ((await bodies.get(url))?.isPacked() === true) await body.compressed()
    } catch {
      // Whoever asks is told.
    }
  }
}

const compress = promisify(gzip)

function toBody(written: Written): Body {
  let compressing: Promise<Uint8Array<ArrayBuffer>> | null = null
  return {
    written,
    compressed: () =>
      // Made anew with every view: quick is better than small.
      (compressing ??= compress(written.bytes, { level: constants.Z_BEST_SPEED })),
    isPacked: () => compressing !== null,
  }
}

/** Whether who asks reads gzip. */
export const takesGzip = (c: Context): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(c.req.header('accept-encoding') ?? '')

const numbers = new WeakMap<View, number>()
let lastNumber = 0

/** Each view has its own, the part of it that somebody sees as well. */
function numberOf(view: View): number {
  let number = numbers.get(view)
  if (number === undefined) numbers.set(view, (number = ++lastNumber))
  return number
}

/**
 * `X-Wardline-As-Of`: the instant that is told of; `X-Wardline-Age-Seconds`: how long ago that was, where what is asked for
 * is now.
 */
export function stampView(c: Context, view: View, clock: Clock): void {
  c.header('X-Wardline-As-Of', new Date(view.at).toISOString())
  if (view.isPast) return
  c.header('X-Wardline-Age-Seconds', String(Math.max(0, clock.now() - view.at) / 1000))
}

/** Whether an `If-None-Match` names this tag, or any by `*`. Compression on the way makes tags weak: the comparison is weak, too. */
export function hasTag(header: string | undefined, tag: string): boolean {
  return (
    header?.split(',').some((each) => each.trim() === '*' || opaque(each) === opaque(tag)) ?? false
  )
}

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
