import type { Context, MiddlewareHandler } from 'hono'
import { request } from 'undici'
import { readUpTo } from '../../lib/bounded-body.ts'
import { BUILT_IN_EGRESS } from '../../lib/egress/egress.ts'
import type { Leader } from '../../lib/lease.ts'
import type { Leadership } from '../leadership/lead.ts'
import { errorJson } from './vmalert-error.ts'

/** What an instance knows of itself, or of what all share, it answers whether it leads or not. */
const OWN = [
  /^\/(metrics|health)$/,
  /^\/canary$/,
  /\/-\/reload$/,
  /\/api\/v2\/(silences?|status|receivers)(\/|$)/,
]
/** On what another instance has passed on: nothing is passed on twice. */
const PASSED_ON = 'x-wardline-passed-on'
const ANSWER_MS = 5_000
const MOST_BYTES = 268_435_456

/** While another instance leads, what only it knows (rules, alerts) is asked of it. */
export function passOn(leadership: Pick<Leadership, 'current'>): MiddlewareHandler {
  return async (c, next) => {
    const { role, leader } = leadership.current()
    if (role === 'leader' || OWN.some((path) => path.test(c.req.path))) return next()
    if (leader === null) return unavailable(c, 'this instance stands by, and no other one leads')
    const what = `this instance stands by; ${leader.instance} at ${leader.url} leads`
    if (c.req.header(PASSED_ON) !== undefined) return unavailable(c, what)
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return unavailable(c, what)
    try {
      return await ask(c, leader)
    } catch (error) {
      return unavailable(c, `${what}, and it can't be reached: ${(error as Error).message}`)
    }
  }
}

async function ask(c: Context, leader: Leader): Promise<Response> {
  const { pathname, search } = new URL(c.req.url)
  const { statusCode, headers, body } = await request(
    `${leader.url.replace(/\/$/, '')}${pathname}${search}`,
    {
      headers: { [PASSED_ON]: '1' },
      signal: AbortSignal.timeout(ANSWER_MS),
      // Where it is, Redis says: that must not lead to what only this machine may ask.
      dispatcher: BUILT_IN_EGRESS.agent(),
    },
  )
  const type = headers['content-type']
  const bytes = await readUpTo(body, MOST_BYTES)
  if (bytes === null) throw new Error(`it answers more than ${MOST_BYTES} bytes`)
  return new Response(new Uint8Array(bytes), {
    status: statusCode,
    headers: typeof type === 'string' ? { 'content-type': type } : {},
  })
}

const unavailable = (c: Context, why: string): Response => errorJson(c, 503, why)
