import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'
import { Problem } from '../problem.ts'
import { readParameters } from '../query-parameters.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}

/** Server-sent events: `status`, `stats`, `alerts`, `health`, `reload`; a comment every 15 s. */
export function eventRoutes({ hub }: ApiParts): Hono {
  return new Hono<{ Bindings: Partial<HttpBindings> }>().get('/events', (c) => {
    readParameters(c.req.url, {})
    // Hono asks here for HEAD, too, and nobody would ever end that stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS)
    // A reader that is too slow never drains its stream: its connection is cut.
    const body = hub.connect(() => c.env.outgoing?.destroy())
    if (body === null) throw new Problem(503, 'Too many streams', 'too many event streams are open')
    return c.body(body, 200, HEADERS)
  }) as unknown as Hono
}
