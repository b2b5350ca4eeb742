import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import { fingerprintOf } from '../alerts/acknowledged.ts'
import { acknowledgementJson } from '../alerts/json.ts'
import { askOccurrence } from '../alerts/occurrence.ts'
import { acknowledgementSchema, fingerprintSchema } from '../alerts/schema.ts'
import type { ApiParts } from '../app.ts'
import type { Principal } from '../auth/principal.ts'
import { inventoryFor, seesLabels, viewFor } from '../auth/scope.ts'
import { instantText, remarkText } from '../decisions/fields.ts'
import { deciding } from '../decisions/refused.ts'
import { conflicting, mayBeRefused, notThere, written } from '../decisions/writes.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { queryOf } from '../query-parameters.ts'
import { asked, json } from '../responses.ts'
import type { Alert } from '../view/alerts.ts'

const tags = ['Alerts']
const params = z.object({ fingerprint: fingerprintSchema })

const bodySchema = z
  .strictObject({
    comment: remarkText,
    expires_at: instantText
      .nullable()
      .default(null)
      .describe('Until then at the latest; null: until the alert ends'),
    sticky: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe('Outlives the alert, until `expires_at`: for what goes up and down meanwhile'),
  })
  .openapi('NewAcknowledgement')

const listRoute = createRoute({
  method: 'get',
  path: '/acknowledgements',
  tags,
  summary: 'Acknowledgements',
  description:
    'Those that are kept, the newest first; a sticky one may be of an alert that does not fire.',
  request: { query: queryOf({}) },
  responses: asked('The acknowledgements', z.array(acknowledgementSchema)),
})

const putRoute = createRoute({
  method: 'post',
  path: '/alerts/{fingerprint}/ack',
  tags,
  summary: 'Acknowledge an alert',
  description:
    'Nobody is told of it again and it escalates no further, until it ends. In place of an earlier one of it.',
  middleware: written,
  request: {
    params,
    body: { content: { 'application/json': { schema: bodySchema } }, required: true },
  },
  responses: {
    201: json('The acknowledgement', acknowledgementSchema),
    ...mayBeRefused,
    ...notThere,
    ...conflicting,
  },
})

const removeRoute = createRoute({
  method: 'delete',
  path: '/alerts/{fingerprint}/ack',
  tags,
  summary: 'Take an acknowledgement back',
  middleware: written,
  request: { params },
  responses: { 204: { description: 'It is taken back' }, ...mayBeRefused, ...notThere },
})

/** Who works on an alert. */
export function acknowledgementRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { view, inventory, decisions, alerting } = parts

  const isSeen = ({ labels }: Acknowledgement, principal: Principal): boolean =>
    seesLabels(principal, labels, (id) => inventoryFor(inventory.current, principal).has(id))

  return createEndpoints()
    .openapi(listRoute, (c) => {
      const principal = c.get('principal')
      const own = decisions.current.acknowledgements.filter((one) => isSeen(one, principal))
      c.header('Cache-Control', 'no-store')
      return c.json(own.toSorted((one, other) => other.at - one.at).map(acknowledgementJson), 200)
    })
    .openapi(putRoute, async (c) => {
      const { fingerprint } = c.req.valid('param')
      const { comment, expires_at: expiresAt, sticky } = c.req.valid('json')
      const principal = c.get('principal')
      const alert = await firing(fingerprint, principal)
      const occurrence = await askOccurrence(alerting, alert, c.req.raw.signal)
      if (occurrence === null) throw notFiring(alert)
      const given = await deciding(() =>
        decisions.putAcknowledgement({
          id: fingerprint,
          ...occurrence,
          createdBy: principal.name,
          comment,
          expiresAt,
          sticky,
        }),
      )
      return c.json(acknowledgementJson(given), 201)
    })
    .openapi(removeRoute, async (c) => {
      const { fingerprint } = c.req.valid('param')
      const principal = c.get('principal')
      const known = decisions.current.acknowledgements.find(({ id }) => id === fingerprint)
      if (known !== undefined && !isSeen(known, principal)) throw noneOf(fingerprint)
      // One that isn't known here may be there already: Redis decides, but for those who may not see all.
      if (known === undefined && principal.scope !== null) throw noneOf(fingerprint)
      await deciding(() => decisions.removeAcknowledgement(fingerprint, principal.name))
      return c.body(null, 204)
    })

  /** The alert of this fingerprint, as far as it is this principal's business. */
  async function firing(fingerprint: string, principal: Principal): Promise<Alert> {
    const { alerts } = viewFor(await view.current(), principal)
    const alert = alerts.find((each) => fingerprintOf(each) === fingerprint)
    if (alert === undefined)
      throw new Problem(
        404,
        'No such alert',
        `no alert that is active has the fingerprint ${fingerprint}`,
      )
    if (alert.state === 'pending') throw notFiring(alert)
    return alert
  }
}

const notFiring = ({ name, device }: Alert): Problem =>
  new Problem(
    409,
    'Not firing',
    `${name}${device === null ? '' : ` of ${device}`} doesn't fire now: there is nothing to acknowledge`,
  )

const noneOf = (fingerprint: string): Problem =>
  new Problem(404, 'Not found', `no acknowledgement has the id ${fingerprint}`)
