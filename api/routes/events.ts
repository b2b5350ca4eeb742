import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'
import { Problem } from '../problem.ts'
import { readParameters } from '../query-parameters.ts'

/** Server-sent events: `status`, `stats`, `alerts`, `health`, `reload`; a comment every 15 s. */
export function eventRoutes({ hub }: ApiParts): Hono {
  return new Hono<{ Bindings: Partial<HttpBindings> }>().get('/events', (c) => {
    readParameters(c.req.url, {})
    // A reader that is too slow never drains its stream: its connection is cut.
    const body = hub.connect(() => c.env.outgoing?.destroy())
    if (body === null) throw new Problem(503, 'Too many streams', 'too many event streams are open')
    return c.body(body, 200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
  }) as unknown as Hono
}
