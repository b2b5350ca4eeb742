import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { DIAGNOSTICS, NDJSON, diagnosticEventSchema } from '../../lib/diagnostics.ts'
import type { AuditEntry } from '../../lib/auth/audit.ts'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { createGate } from '../diagnostics/gate.ts'
import type { CollectorClient } from '../diagnostics/collector.ts'
import { type ApiEnv, createEndpoints, requires } from '../endpoint.ts'
import { knownDevice } from '../known-device.ts'
import { noDevice, refusal } from '../responses.ts'

/** What probing by hand takes. */
export type Diagnostics = Pick<CollectorClient, 'diagnose'> & {
  /** Notes who asked for what; rejects when it can't. */
  record(entry: AuditEntry): Promise<void>
}

const route = createRoute({
  method: 'post',
  path: '/devices/{id}/diagnostics/{kind}',
  tags: ['Diagnostics'],
  summary: 'Probe a device of the inventory by hand',
  description:
    'Lines of JSON as they come; the last has `done`. The collector does it, and stores nothing of it as history. ' +
    'Bounded to 6 a minute for each user, and 4 at once in all.',
  middleware: [requires('operator')] as const,
  request: {
    params: z.object({
      id: z.string().meta({ description: 'The id of a device', examples: ['gori-12'] }),
      kind: z.enum(DIAGNOSTICS),
    }),
  },
  responses: {
    200: {
      description: 'What comes of it',
      content: { [NDJSON]: { schema: diagnosticEventSchema } },
    },
    400: refusal('A kind that there is not'),
    ...noDevice,
    429: refusal('Too many'),
    502: refusal('The collector is away'),
  },
})

type Parts = Pick<ApiParts, 'inventory' | 'diagnostics' | 'clock' | 'log'> & {
  readonly auth: Pick<ApiParts['auth'], 'limits'>
}

export function diagnosticRoutes(parts: Parts): OpenAPIHono<ApiEnv> {
  const { inventory, diagnostics, auth, clock, log } = parts
  const gate = createGate()
  return createEndpoints().openapi(route, async (c) => {
    const principal = c.get('principal')
    const { id, kind } = c.req.valid('param')
    const own = { current: inventoryFor(inventory.current, principal) }
    const device = knownDevice(own, id).id
    const entered = gate.enter()
    try {
      await auth.limits.take('diagnostics', `${principal.kind}:${principal.name}`)
      const at = clock.now()
      // It changes nothing: an outage of Redis must not keep anybody from looking into an outage.
      const entry = { at, who: principal.name, what: `diagnostics ${kind}`, id: device }
      await diagnostics.record({ ...entry, before: null, after: null }).catch((error: Error) => {
        log.warn({ ...entry, reason: error.message }, 'not in the audit log')
      })
      const body = await diagnostics.diagnose(kind, device, c.req.raw.signal)
      c.header('Cache-Control', 'no-store')
      c.header('Content-Type', NDJSON)
      c.header('X-Accel-Buffering', 'no')
      // The schema is that of each line: no type says so of a body.
      return c.body(
        whenOver(body, () => entered[Symbol.dispose]()),
        200,
      ) as never
    } catch (error) {
      entered[Symbol.dispose]()
      throw error
    }
  })
}

/** The stream, and a call once it ended, broke or nobody reads it any more. */
function whenOver(body: ReadableStream, over: () => void): ReadableStream {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        over()
        controller.close()
      } catch (error) {
        over()
        controller.error(error)
      }
    },
    async cancel(reason) {
      over()
      await reader.cancel(reason)
    },
  })
}
