import type { HttpBindings } from '@hono/node-server'
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import type { Principal } from '../auth/principal.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import type { NoRoom } from '../events/room.ts'
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
    429: refusal('This reader holds too many streams'),
    503: refusal('There is no room for more streams'),
  },
})

/** Whoever leaves makes room; a heartbeat finds who may no longer read every 15 s. */
const RETRY_SECONDS = 15

/** Server-sent events: `page`, `status`, `stats`, `health`, `alerts`, `decisions`, `reload`; a comment every 15 s. */
export function eventRoutes({ hub, auth }: ApiParts): OpenAPIHono<ApiEnv> {
  return createEndpoints().openapi(eventsRoute, (c) => {
    // Hono asks here for HEAD, too, and nobody would ever end that stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS)
    const { outgoing } = c.env as Partial<HttpBindings>
    // A reader that is too slow never drains its stream: its connection is cut.
    const principal = c.get('principal')
    const body = hub.connect({
      principal,
      address: auth.origins.addressOf(c),
      cut() {
        outgoing?.destroy()
      },
      isStill: c.get('isStill'),
    })
    if (typeof body === 'string') throw noRoom(body, principal)
    return c.body(body, 200, HEADERS)
  })
}

function noRoom(reason: NoRoom, { kind, name }: Principal): Problem {
  const extra = { reason, retry_after_seconds: RETRY_SECONDS }
  const again = `try again in ${RETRY_SECONDS} s`
  if (reason === 'reader') {
    const who = kind === 'open' ? 'this address' : name
    const more =
      kind === 'open'
        ? ', or sign in; where it is that of a proxy, name it in auth.trusted_proxies'
        : ', or let one program read for the others'
    const detail = `${who} holds as many event streams as one reader may while others need room: close some${more}; ${again}`
    return new Problem(429, 'Too many streams', detail, extra)
  }
  const detail =
    reason === 'open'
      ? `readers who have not signed in hold all event streams that they may: sign in, or ${again}`
      : `all event streams are taken: ${again}; api.event_streams says how many there are`
  return new Problem(503, 'Too many streams', detail, extra)
}
