import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { AuthError } from '../../lib/auth/auth-error.ts'
import type { ApiParts } from '../app.ts'
import { giveCookie, readCookie, takeCookie } from '../auth/cookie.ts'
import { CALLBACK, type Oidc, SIGN_IN_SECONDS } from '../auth/oidc.ts'
import { openSession } from '../auth/sign-in.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { once, queryOf } from '../query-parameters.ts'
import { refusal } from '../responses.ts'

const tags = ['Access']
const away = { 503: refusal('The provider or Redis is away: nobody can sign in by it') }
const none = { 404: refusal('No provider is configured') }

const loginRoute = createRoute({
  method: 'get',
  path: '/oidc/login',
  tags,
  summary: 'Sign in with the provider',
  description: 'For a browser: it is sent there, and comes back to `to`, a path of the page.',
  request: {
    query: queryOf({
      to: z
        .string({ error: once })
        .max(2_000)
        .default('/')
        .meta({ description: 'A path of the page to come back to', examples: ['/alerts'] }),
    }),
  },
  responses: {
    302: { description: 'To the provider' },
    400: refusal('Not a place to go on to'),
    ...none,
    ...away,
  },
})

const callbackRoute = createRoute({
  method: 'get',
  path: CALLBACK.replace('/api/v1', ''),
  tags,
  summary: 'Where the provider sends a browser back to',
  responses: { 302: { description: 'Signed in, or to `/login?error=…`' }, ...none },
})

/** The page has words for each: what the provider wrote isn't shown. */
const ERRORS = {
  refused: 'oidc-refused',
  invalid: 'oidc-expired',
  unavailable: 'oidc-away',
} as const

/** Signing in with a provider. */
export function oidcRoutes({ auth, log }: ApiParts): OpenAPIHono<ApiEnv> {
  const { origins, limits, register, audit } = auth

  function configured(): Oidc {
    if (auth.oidc !== null) return auth.oidc
    throw new Problem(404, 'Not found', 'no provider is configured: auth.oidc')
  }

  return createEndpoints()
    .openapi(loginRoute, async (c) => {
      const oidc = configured()
      await limits.take('sign-in-oidc', origins.addressOf(c))
      const { url, state } = await oidc.begin(c.req.valid('query').to)
      const isSecure = origins.isSecure(c)
      giveCookie(c, 'oidc', state, { isSecure, maxAgeSeconds: SIGN_IN_SECONDS })
      c.header('Cache-Control', 'no-store')
      return c.redirect(url.href, 302)
    })
    .openapi(callbackRoute, async (c) => {
      const oidc = configured()
      const isSecure = origins.isSecure(c)
      const state = readCookie(c, 'oidc', isSecure)
      takeCookie(c, 'oidc', isSecure)
      c.header('Cache-Control', 'no-store')
      const query = new URL(c.req.url).searchParams
      try {
        // Another browser's: somebody may be led to sign in as somebody else.
        if (state === undefined || state !== query.get('state'))
          throw new AuthError('invalid', 'this browser did not begin to sign in')
        const { to, ...who } = await oidc.finish(query, state)
        const user = await register.edits.admit(who)
        await openSession(c, auth, user)
        const { name } = user
        const after = { address: origins.addressOf(c), by: 'oidc' }
        await audit.append({ who: name, what: 'session opened', id: name, before: null, after })
        return c.redirect(to, 302)
      } catch (error) {
        if (!(error instanceof AuthError)) throw error
        log.warn({ reason: error.message }, 'somebody could not sign in with the provider')
        const { reason } = error
        const word = reason in ERRORS ? ERRORS[reason as keyof typeof ERRORS] : ERRORS.refused
        return c.redirect(`/login?error=${word}`, 302)
      }
    })
}
