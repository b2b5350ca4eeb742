import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { type Principal, type Role, may } from './auth/principal.ts'
import { Problem } from './problem.ts'

/** What the middlewares in front of every route know of a request. */
export type ApiEnv = { Variables: { principal: Principal } }

/** An app for the routes of one subject; a request that its schemas refuse is a 400 that names the parameter. */
export const createEndpoints = (): OpenAPIHono<ApiEnv> =>
  new OpenAPIHono<ApiEnv>({
    defaultHook(result) {
      if (result.success) return
      const [issue] = result.error.issues
      const parameter = issue?.path.join('.') ?? ''
      throw new Problem(
        400,
        result.target === 'json' ? 'Bad body' : 'Bad parameter',
        `${parameter === '' ? '' : `${parameter}: `}${issue?.message ?? 'not understood'}`,
        { parameter },
      )
    },
  })

/** Refuses whoever may less: 401 where signing in would help, 403 where it wouldn't. */
export const requires =
  (role: Role): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const principal = c.get('principal')
    if (may(principal, role)) return next()
    if (principal.kind === 'open') {
      throw new Problem(
        401,
        'Sign in',
        `${c.req.method} ${c.req.path} takes the role ${role}: sign in, or send a token`,
      )
    }
    throw new Problem(
      403,
      'Not allowed',
      `${c.req.method} ${c.req.path} takes the role ${role}, ${principal.name} has ${principal.role}`,
    )
  }
