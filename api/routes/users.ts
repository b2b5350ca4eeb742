import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { User } from '../../lib/auth/account.ts'
import type { ApiParts } from '../app.ts'
import type { Principal } from '../auth/principal.ts'
import { checkScope } from '../auth/known-scope.ts'
import { changedUserBody, newPasswordBody, newUserBody, userSchema } from '../auth/schemas.ts'
import { isPasswordOf, openSession } from '../auth/sign-in.ts'
import { adminRefusals, ofWholeFleet, smallBody } from '../auth/whole-fleet.ts'
import { isoOrNull } from '../device-json.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { queryOf } from '../query-parameters.ts'
import { json, refusal } from '../responses.ts'

const tags = ['Access']
const middleware = ofWholeFleet('admin')
const params = z.object({ name: z.string() })
const notThere = { 404: refusal('Nobody is called so') }
const inTheWay = { 409: refusal('Somebody has the name, or would be the last admin') }
const body = <S extends z.ZodType>(schema: S) => ({
  content: { 'application/json': { schema } },
  required: true,
})

const listRoute = createRoute({
  method: 'get',
  path: '/users',
  tags,
  summary: 'Users',
  middleware,
  request: { query: queryOf({}) },
  responses: { 200: json('By name', z.array(userSchema)), ...adminRefusals },
})

const addRoute = createRoute({
  method: 'post',
  path: '/users',
  tags,
  summary: 'Add a user',
  middleware,
  request: { body: body(newUserBody) },
  responses: { 201: json('The user', userSchema), ...adminRefusals, ...inTheWay },
})

const changeRoute = createRoute({
  method: 'patch',
  path: '/users/{name}',
  tags,
  summary: 'Change role or scope, disable or enable',
  description: 'Holds at once, in sessions that are open, too; those of a disabled user end.',
  middleware,
  request: { params, body: body(changedUserBody) },
  responses: { 200: json('The user', userSchema), ...adminRefusals, ...notThere, ...inTheWay },
})

const removeRoute = createRoute({
  method: 'delete',
  path: '/users/{name}',
  tags,
  summary: 'Remove a user',
  middleware,
  request: { params },
  responses: { 204: { description: 'Removed' }, ...adminRefusals, ...notThere, ...inTheWay },
})

const passwordRoute = createRoute({
  method: 'put',
  path: '/users/{name}/password',
  tags,
  summary: 'Set a password',
  description:
    'Your own with the current one, as an admin that of others. Every session of theirs ends but the one that asks.',
  middleware: [smallBody] as const,
  request: { params, body: body(newPasswordBody) },
  responses: { 204: { description: 'Set' }, ...adminRefusals, ...notThere },
})

/** Who may sign in. */
export function userRoutes({ auth, inventory }: ApiParts): OpenAPIHono<ApiEnv> {
  const { register, limits } = auth
  const { edits } = register

  return createEndpoints()
    .openapi(listRoute, async (c) => {
      const seen = await register.store.seen()
      const users = [...register.current.users.values()].toSorted((one, other) =>
        one.name.localeCompare(other.name),
      )
      c.header('Cache-Control', 'no-store')
      return c.json(
        users.map((user) => userJson(user, seen.get(`user:${user.name}`) ?? null)),
        200,
      )
    })
    .openapi(addRoute, async (c) => {
      const draft = c.req.valid('json')
      checkScope(inventory.current, draft.scope)
      const user = await edits.addUser(draft, c.get('principal').name)
      return c.json(userJson(user, null), 201)
    })
    .openapi(changeRoute, async (c) => {
      const { name } = c.req.valid('param')
      const changes = c.req.valid('json')
      checkScope(inventory.current, changes.scope)
      const isGrant = changes.role !== undefined || changes.scope !== undefined
      if (isGrant && register.current.users.get(name)?.oidc)
        throw new Problem(409, 'In the way', `${name} has role and scope from the provider`)
      const user = await edits.changeUser(name, changes, c.get('principal').name)
      const seen = await register.store.seen()
      return c.json(userJson(user, seen.get(`user:${name}`) ?? null), 200)
    })
    .openapi(removeRoute, async (c) => {
      await edits.removeUser(c.req.valid('param').name, c.get('principal').name)
      return c.body(null, 204)
    })
    .openapi(passwordRoute, async (c) => {
      const { name } = c.req.valid('param')
      const { password, current } = c.req.valid('json')
      const principal = c.get('principal')
      const isOwn = principal.kind === 'user' && principal.name === name
      if (isOwn) await checkCurrent(name, current)
      else refuseOthers(principal, name)
      const user = await edits.setPassword(name, password, principal.name)
      // Whoever set their own stays here; elsewhere they sign in again.
      if (isOwn) await openSession(c, auth, user)
      return c.body(null, 204)
    })

  async function checkCurrent(name: string, current: string | undefined): Promise<void> {
    if (current === undefined)
      throw new Problem(400, 'Bad body', 'current: expected the password that you have now', {
        parameter: 'current',
      })
    await limits.take('sign-in-name', name.toLowerCase())
    const user = register.current.users.get(name)
    if (user === undefined || !(await isPasswordOf(user, current)))
      throw new Problem(403, 'Refused', 'current: that is not your password', {
        parameter: 'current',
      })
    await limits.forget('sign-in-name', name.toLowerCase())
  }
}

/** Another's password is an admin's to set. */
function refuseOthers({ kind, role, scope, name: who }: Principal, name: string): void {
  if (kind === 'open') throw new Problem(401, 'Sign in', 'setting a password takes signing in')
  if (role === 'admin' && scope === null) return
  throw new Problem(403, 'Not allowed', `${who} may not set the password of ${name}`)
}

function userJson(user: User, lastLoginAt: number | null) {
  const { name, role, scope, oidc, createdAt, disabled } = user
  return {
    name,
    role,
    scope,
    signs_in: oidc === null ? ('password' as const) : ('oidc' as const),
    created_at: new Date(createdAt).toISOString(),
    last_login_at: isoOrNull(lastLoginAt),
    disabled,
  }
}
