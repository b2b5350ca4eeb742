import { bodyLimit } from 'hono/body-limit'
import type { MiddlewareHandler } from 'hono'
import { type ApiEnv, requires } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { refusal } from '../responses.ts'
import type { Role } from './principal.ts'

/** Refuses whoever has a scope: what is told or changed there can't be cut down to one. */
export const wholeFleet: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { scope, name } = c.get('principal')
  if (scope === null) return next()
  throw new Problem(
    403,
    'Not allowed',
    `${c.req.method} ${c.req.path} is for those who see the whole fleet, and ${name} has a scope`,
  )
}

const MOST_BYTES = 65_536

export const smallBody = bodyLimit({
  maxSize: MOST_BYTES,
  onError() {
    throw new Problem(413, 'Too large', `expected a body of at most ${MOST_BYTES} bytes`)
  },
})

export const ofWholeFleet = (role: Role): MiddlewareHandler<ApiEnv>[] => [
  requires(role),
  wholeFleet,
  smallBody,
]

/** How what is for admins may be refused. */
export const adminRefusals = {
  400: refusal('Something of it makes no sense'),
  401: refusal('Signing in is needed'),
  403: refusal('Not an admin, or one with a scope'),
  503: refusal('Redis is away: nothing was changed'),
}
