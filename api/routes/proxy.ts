import { type Context, Hono } from 'hono'
import type { ApiParts } from '../app.ts'
import { wholeFleet } from '../auth/whole-fleet.ts'
import { type ApiEnv, requires } from '../endpoint.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])
const operator = requires('operator')

/** vmalert's and Alertmanager's APIs, which alerting serves at its own port: other paths there are its own business. */
export function proxyRoutes({ alerting }: ApiParts): Hono<ApiEnv> {
  const forward = (c: Context<ApiEnv>): Promise<Response> => alerting.forward(c.req.raw)

  return new Hono<ApiEnv>()
    .use('/vmalert/*', wholeFleet, writes)
    .use('/alertmanager/*', wholeFleet, writes)
    .all('/vmalert/*', forward)
    .all('/alertmanager/*', forward)

  /** Reading again is asked for by GET, too. */
  async function writes(c: Context<ApiEnv>, next: () => Promise<void>): Promise<Response | void> {
    const isRead = READS.has(c.req.method) && !c.req.path.includes('/-/')
    return isRead ? next() : operator(c, next)
  }
}
