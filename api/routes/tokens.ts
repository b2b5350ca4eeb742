import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { Token } from '../../lib/auth/account.ts'
import type { ApiParts } from '../app.ts'
import { checkScope } from '../auth/known-scope.ts'
import { createdTokenSchema, newTokenBody, tokenSchema } from '../auth/schemas.ts'
import { adminRefusals, ofWholeFleet } from '../auth/whole-fleet.ts'
import { isoOrNull } from '../device-json.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { queryOf } from '../query-parameters.ts'
import { json, refusal } from '../responses.ts'

const tags = ['Access']
const middleware = ofWholeFleet('admin')

const listRoute = createRoute({
  method: 'get',
  path: '/tokens',
  tags,
  summary: 'API tokens',
  description: 'Those that have expired, too, until somebody removes them.',
  middleware,
  request: { query: queryOf({}) },
  responses: { 200: json('The newest first', z.array(tokenSchema)), ...adminRefusals },
})

const addRoute = createRoute({
  method: 'post',
  path: '/tokens',
  tags,
  summary: 'Make an API token',
  description: 'The answer has it, this once: what is kept is a hash.',
  middleware,
  request: {
    body: { content: { 'application/json': { schema: newTokenBody } }, required: true },
  },
  responses: {
    201: json('The token', createdTokenSchema),
    ...adminRefusals,
    409: refusal('Another token has the name'),
  },
})

const removeRoute = createRoute({
  method: 'delete',
  path: '/tokens/{id}',
  tags,
  summary: 'Revoke an API token',
  middleware,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    204: { description: 'It lets nobody in any more' },
    ...adminRefusals,
    404: refusal('There is none of this id'),
  },
})

/** What other programs sign in with. */
export function tokenRoutes({ auth, inventory }: ApiParts): OpenAPIHono<ApiEnv> {
  const { register } = auth

  return createEndpoints()
    .openapi(listRoute, async (c) => {
      const seen = await register.store.seen()
      const tokens = [...register.current.tokens.values()].toSorted(
        (one, other) => other.createdAt - one.createdAt,
      )
      c.header('Cache-Control', 'no-store')
      return c.json(
        tokens.map((token) => tokenJson(token, seen.get(`token:${token.id}`) ?? null)),
        200,
      )
    })
    .openapi(addRoute, async (c) => {
      const { expires_at: expiresAt, ...draft } = c.req.valid('json')
      checkScope(inventory.current, draft.scope)
      const who = c.get('principal').name
      const { token, text } = await register.edits.addToken({ ...draft, expiresAt }, who)
      c.header('Cache-Control', 'no-store')
      return c.json({ ...tokenJson(token, null), token: text }, 201)
    })
    .openapi(removeRoute, async (c) => {
      await register.edits.removeToken(c.req.valid('param').id, c.get('principal').name)
      return c.body(null, 204)
    })
}

function tokenJson(token: Token, lastUsedAt: number | null) {
  const { id, name, role, scope, createdAt, createdBy, expiresAt } = token
  return {
    id,
    name,
    role,
    scope,
    created_at: new Date(createdAt).toISOString(),
    created_by: createdBy,
    expires_at: isoOrNull(expiresAt),
    last_used_at: isoOrNull(lastUsedAt),
  }
}
