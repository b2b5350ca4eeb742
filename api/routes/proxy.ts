import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'

/** vmalert's and Alertmanager's APIs, which alerting serves at its own port: other paths there are its own business. */
export function proxyRoutes({ alerting }: ApiParts): Hono {
  return new Hono()
    .all('/vmalert/*', (c) => alerting.forward(c.req.raw))
    .all('/alertmanager/*', (c) => alerting.forward(c.req.raw))
}
