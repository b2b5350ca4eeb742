import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { z } from 'zod'
import { type Principal, type Role, may } from './auth/principal.ts'
import { speakPlainly } from './expected.ts'
import { Problem } from './problem.ts'

speakPlainly()

/** What the middlewares in front of every route know of a request. */
export type ApiEnv = {
  Variables: {
    principal: Principal
    /** Whether they may still see what they see: for answers that go on. Rejects when that can't be asked. */
    isStill: () => Promise<boolean>
  }
}

/** An app for the routes of one subject; a request that its schemas refuse is a 400 that names the parameter. */
export const createEndpoints = (): OpenAPIHono<ApiEnv> =>
  new OpenAPIHono<ApiEnv>({
    defaultHook(result) {
      if (!result.success) throw refusal(result.target, result.error.issues)
    },
  })

/** How many valid values the member `valid` names. */
const LISTED = 1_000

function refusal(target: string, issues: readonly z.core.$ZodIssue[]): Problem {
  // A name that there is not says more than what is amiss with it.
  const issue =
    issues.find(({ code }) => code === 'unrecognized_keys' && target === 'json') ??
    issues.find(({ code }) => code === 'custom') ??
    issues[0]
  const path = (issue?.path ?? []).map(String)
  const params: Readonly<Record<string, unknown>> =
    (issue?.code === 'custom' ? issue.params : undefined) ?? {}
  // Of a list in a query it is the parameter that is named, in a body the place.
  const place = target === 'json' ? path.join('.') : (path[0] ?? '')
  const valid = params['valid'] ?? (issue?.code === 'invalid_value' ? issue.values : undefined)
  return new Problem(
    400,
    target === 'json' ? 'Bad body' : 'Bad parameter',
    `${place === '' ? '' : `${place}: `}${issue?.message ?? 'not understood'}`,
    {
      parameter: params['parameter'] ?? place,
      ...(Array.isArray(valid) ? { valid: valid.slice(0, LISTED) } : {}),
    },
  )
}

const neededRoles = new WeakMap<object, Role>()

/** The role that this middleware asks for; null where it asks for none. */
export const roleAskedBy = (handler: object): Role | null => neededRoles.get(handler) ?? null

/** Refuses whoever may less: 401 where signing in would help, 403 where it wouldn't. */
export function requires(role: Role): MiddlewareHandler<ApiEnv> {
  const middleware: MiddlewareHandler<ApiEnv> = async (c, next) => {
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
  neededRoles.set(middleware, role)
  return middleware
}
