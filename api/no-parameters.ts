import type { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { CALLBACK } from './auth/oidc.ts'
import type { ApiEnv } from './endpoint.ts'
import { Problem } from './problem.ts'

/** A provider adds to its answer what it likes. */
const TAKES_ANY: ReadonlySet<string> = new Set([CALLBACK])

/**
 * Refuses parameters where an endpoint under /api takes none; those that take some refuse unknown ones by their schema.
 * Probes and scrapers add theirs to what lies outside of it.
 */
export function refuseParameters(app: OpenAPIHono<ApiEnv>): MiddlewareHandler<ApiEnv> {
  let without: ReadonlySet<string> | undefined
  return async (c, next) => {
    if (c.req.url.includes('?')) {
      without ??= withoutParameters(app)
      const { searchParams } = new URL(c.req.url)
      const [parameter] = searchParams.keys()
      const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
      if (parameter !== undefined && without.has(`${method} ${routePath(c, -1)}`)) {
        const detail = `unknown parameter ${JSON.stringify(parameter)}: ${c.req.path} takes none`
        throw new Problem(400, 'Bad parameter', detail, { parameter, valid: [] })
      }
    }
    return next()
  }
}

/** Asked when every route is there. */
function withoutParameters({ openAPIRegistry }: OpenAPIHono<ApiEnv>): ReadonlySet<string> {
  return new Set(
    openAPIRegistry.definitions.flatMap((definition) => {
      if (definition.type !== 'route') return []
      const { method, path, request } = definition.route
      if (request?.query !== undefined || !path.startsWith('/api/') || TAKES_ANY.has(path))
        return []
      return [`${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`]
    }),
  )
}
