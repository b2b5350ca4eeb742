import type { HttpBindings } from '@hono/node-server'
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { queryOf } from '../query-parameters.ts'
import { refusal } from '../responses.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}

const eventsRoute = createRoute({
  method: 'get',
  path: '/events',
  tags: ['Live'],
  summary: 'What changes, as it changes',
  description:
    'Server-sent events of the part of the fleet that the reader sees: `status` (devices that changed, whole), `reload` ' +
    '(too many of them), `stats`, `health`, `alerts` and `decisions` (their lists changed), `page`; a comment every 15 s. ' +
    'There is no replay: after each connection fetch the list of devices, then apply what is not older.',
  request: { query: queryOf({}) },
  responses: {
    200: {
      description: 'A stream that goes on',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    400: refusal('A parameter that there is not'),
    503: refusal('Too many streams are open'),
  },
})

/** Server-sent events: `page`, `status`, `stats`, `health`, `alerts`, `decisions`, `reload`; a comment every 15 s. */
export function eventRoutes({ hub }: ApiParts): OpenAPIHono<ApiEnv> {
  return createEndpoints().openapi(eventsRoute, (c) => {
    // Hono asks here for HEAD, too, and nobody would ever end that stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS)
    const { outgoing } = c.env as Partial<HttpBindings>
    // A reader that is too slow never drains its stream: its connection is cut.
    const body = hub.connect({
      principal: c.get('principal'),
      cut() {
        outgoing?.destroy()
      },
      isStill: c.get('isStill'),
    })
    if (body === null) throw new Problem(503, 'Too many streams', 'too many event streams are open')
    return c.body(body, 200, HEADERS)
  })
}
