import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { readCookie, takeCookie } from '../auth/cookie.ts'
import { claimBody, sessionSchema, signInBody } from '../auth/schemas.ts'
import { openSession, principalOf, sessionJson, signIn } from '../auth/sign-in.ts'
import { smallBody } from '../auth/whole-fleet.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { queryOf } from '../query-parameters.ts'
import { json, refusal } from '../responses.ts'

const tags = ['Access']
const path = '/session'
const tooMany = { 429: refusal('Too many tries: `Retry-After` says when to come again') }
const away = { 503: refusal('Redis is away, or too many sign in at once') }

const readRoute = createRoute({
  method: 'get',
  path,
  tags,
  summary: 'Who asks, and how one may sign in',
  request: { query: queryOf({}) },
  responses: { 200: json('Also for whoever has not signed in', sessionSchema) },
})

const signInRoute = createRoute({
  method: 'post',
  path,
  tags,
  summary: 'Sign in',
  description: 'With name and password; the answer sets the cookie of the session.',
  middleware: [smallBody] as const,
  request: {
    body: { content: { 'application/json': { schema: signInBody } }, required: true },
  },
  responses: {
    200: json('Signed in', sessionSchema),
    401: refusal('The name or the password is wrong'),
    403: refusal('Sent by a page of another site'),
    ...tooMany,
    ...away,
  },
})

const signOutRoute = createRoute({
  method: 'delete',
  path,
  tags,
  summary: 'Sign out',
  responses: { 204: { description: 'The session is over' }, ...away },
})

const claimRoute = createRoute({
  method: 'post',
  path: '/session/claim',
  tags,
  summary: 'Become the first admin',
  description: 'With the code of the one-time link that wardline prints while nobody can sign in.',
  middleware: [smallBody] as const,
  request: { body: { content: { 'application/json': { schema: claimBody } }, required: true } },
  responses: {
    200: json('The first admin, signed in', sessionSchema),
    400: refusal('A name or a password that will not do'),
    403: refusal('Not the code, or there is an admin already'),
    ...tooMany,
    ...away,
  },
})

/** Signing in and out. */
export function sessionRoutes({ auth }: ApiParts): OpenAPIHono<ApiEnv> {
  const { origins, sessions, claims, register, limits, audit } = auth

  return createEndpoints()
    .openapi(readRoute, (c) => {
      c.header('Cache-Control', 'no-store')
      return c.json(sessionJson(auth, c.get('principal')), 200)
    })
    .openapi(signInRoute, async (c) => {
      const address = origins.addressOf(c)
      const user = await signIn(auth, c.req.valid('json'), address)
      await openSession(c, auth, user)
      const { name } = user
      const after = { address, by: 'password' }
      await audit.append({ who: name, what: 'session opened', id: name, before: null, after })
      c.header('Cache-Control', 'no-store')
      return c.json(sessionJson(auth, principalOf(user)), 200)
    })
    .openapi(signOutRoute, async (c) => {
      const isSecure = origins.isSecure(c)
      const id = readCookie(c, 'session', isSecure)
      if (id !== undefined) await sessions.close(id)
      takeCookie(c, 'session', isSecure)
      return c.body(null, 204)
    })
    .openapi(claimRoute, async (c) => {
      await limits.take('sign-in-address', origins.addressOf(c))
      const { code, user: name, password } = c.req.valid('json')
      const user = await claims.take(code, { name, password })
      await register.refresh()
      await openSession(c, auth, user)
      c.header('Cache-Control', 'no-store')
      return c.json(sessionJson(auth, principalOf(user)), 200)
    })
}
