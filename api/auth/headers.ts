import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../endpoint.ts'
import type { Origins } from './origin.ts'

/** As hono/secure-headers has them. A page has a policy of its own; nothing else is looked at in a browser. */
const SAFE = [
  // Of an answer that says nothing else: what one may see, no cache tells another.
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Frame-Options', 'DENY'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Origin-Agent-Cluster', '?1'],
  ['X-Permitted-Cross-Domain-Policies', 'none'],
  ['Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
  [
    'Content-Security-Policy',
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
] as const
const BY_HTTPS = ['Strict-Transport-Security', 'max-age=31536000'] as const

/** Set before the answer is made, where that does: a header that is added to an answer makes a stream of its body. */
export const secureHeaders =
  ({ isSecure }: Pick<Origins, 'isSecure'>): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const headers = isSecure(c) ? [...SAFE, BY_HTTPS] : SAFE
    for (const [name, value] of headers) c.header(name, value)
    await next()
    for (const [name, value] of headers) if (!c.res.headers.has(name)) c.header(name, value)
  }
