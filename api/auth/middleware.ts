import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { VIEWS } from '../routes/page.ts'
import type { Auth } from './auth.ts'
import { NOBODY } from './principal.ts'
import { giveCookie, takeCookie } from './cookie.ts'

/** Whether the process lives: asked by whatever starts it, under any name. */
const ALIVE = new Set(['/livez', '/readyz'])

// What anybody gets: the page without a figure, how to sign in, and the description of the interface.
const OPEN_API = new Set([
  '/api/v1/session',
  '/api/v1/session/claim',
  '/api/v1/oidc/login',
  '/api/v1/oidc/callback',
  '/api/openapi.json',
  '/api/docs',
  '/api/docs/reference.css',
])
const PAGES = [...VIEWS, '/page/*'].map(
  (path) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`),
)
const isPage = (path: string): boolean => PAGES.some((page) => page.test(path))

const SIGNS_IN = new Set(['/api/v1/session', '/api/v1/session/claim'])

/** Says of every request who asks, and refuses what they may not ask whatever the route. */
export function authenticate({
  identify,
  isOpen,
  origins,
  limits,
  session,
}: Auth): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { path, method } = c.req
    c.set('principal', NOBODY)
    if (ALIVE.has(path)) return next()
    origins.checkHost(c)
    if (isPage(path)) return next()
    const isWrite = !['GET', 'HEAD', 'OPTIONS'].includes(method)
    const { principal, isByCookie, cookie, isStill } = await identify(c)
    if (isWrite && principal.kind !== 'token') origins.checkSameSite(c, isByCookie)
    if (principal === NOBODY && !isOpen && !OPEN_API.has(path))
      throw new Problem(401, 'Sign in', 'reading takes signing in here: sign in, or send a token')
    if (isWrite && principal.kind !== 'open' && !SIGNS_IN.has(path))
      await limits.take('write', `${principal.kind}:${principal.name}`)
    c.set('principal', principal)
    c.set('isStill', isStill)
    await next()
    // Signing in or out has set another one.
    if (cookie === undefined || c.res.headers.has('set-cookie')) return
    const isSecure = origins.isSecure(c)
    if (cookie === null) takeCookie(c, 'session', isSecure)
    else giveCookie(c, 'session', cookie, { isSecure, maxAgeSeconds: session.maxAgeSeconds })
  }
}
