import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiParts } from '../../../api/app.ts'
import type { Principal, Role, Scope } from '../../../api/auth/principal.ts'
import { type ApiEnv, createEndpoints } from '../../../api/endpoint.ts'
import { answerError } from '../../../api/problem.ts'

/** Somebody who is signed in. */
export const someone = (
  role: Role = 'operator',
  scope: Scope | null = null,
  name = 'nino',
): Principal => ({ name, kind: 'user', role, scope })

// oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what each test checks
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: any }

export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

/** Asks these routes in somebody's name, without whatever finds out who somebody is. */
export function acting(
  parts: ApiParts,
  principal: Principal,
  ...routes: readonly ((parts: ApiParts) => OpenAPIHono<ApiEnv>)[]
): Ask {
  const app = createEndpoints()
  app.use(async (c, next) => {
    c.set('principal', principal)
    await next()
  })
  for (const route of routes) app.route('/api/v1', route(parts))
  app.onError((error, c) => answerError(error, c, parts.log))
  return async (method, path, body) => {
    const response = await app.request(`/api/v1${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    }
  }
}
