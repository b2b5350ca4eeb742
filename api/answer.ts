import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import type { Clock } from '../lib/clock.ts'
import type { View } from './view/build.ts'

/** Views of another process, or of this one before a restart, have other tags. */
const run = randomBytes(4).toString('hex')

/**
 * An answer made from a view: it says how old the view is, and a client that has this very view gets a 304. The
 * body must follow from the view and the URL alone.
 */
export function answerView(c: Context, view: View, clock: Clock, body: () => unknown): Response {
  stampView(c, view, clock)
  const tag = `W/"${run}-${view.at}"`
  c.header('ETag', tag)
  c.header('Cache-Control', 'no-cache')
  if (hasTag(c.req.header('if-none-match'), tag)) return c.body(null, 304)
  c.header('Content-Type', 'application/json')
  return c.body(textOf(view, c.req.url, body))
}

// The same question over the same view has the same answer: many pages ask it in the second that a view lives.
const texts = new WeakMap<View, Map<string, string>>()
const TEXTS_OF_A_VIEW = 32

function textOf(view: View, url: string, body: () => unknown): string {
  let known = texts.get(view)
  if (known === undefined) texts.set(view, (known = new Map()))
  const text = known.get(url) ?? JSON.stringify(body())
  if (known.size < TEXTS_OF_A_VIEW) known.set(url, text)
  return text
}

/** `X-Wardline-As-Of`: when VictoriaMetrics was asked; `X-Wardline-Age-Seconds`: how long ago that is. */
export function stampView(c: Context, view: View, clock: Clock): void {
  c.header('X-Wardline-As-Of', new Date(view.at).toISOString())
  c.header('X-Wardline-Age-Seconds', String(Math.max(0, clock.now() - view.at) / 1000))
}

/** Whether an `If-None-Match` names this tag. Compression on the way makes tags weak: the comparison is weak, too. */
export function hasTag(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((each) => opaque(each) === opaque(tag)) ?? false
}

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
