import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { Labels } from '../../lib/labels.ts'
import { inventoryFor, seesLabels } from '../auth/scope.ts'
import { filterAlerts } from '../alerts/filter.ts'
import { askAlertHistory } from '../alerts/history/ask.ts'
import { episodeSchema } from '../alerts/history/schema.ts'
import { historySpan } from '../alerts/history/span.ts'
import { alertsJson } from '../alerts/json.ts'
import { ALERT_STATES, alertSchema } from '../alerts/schema.ts'
import { wordsOf } from '../alerts/words.ts'
import { answerList } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { amongDevices, checkDevices, inventoryTexts, pageParameters } from '../device-query.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter, pastInstant } from '../instant.ts'
import { anyTexts, freeText, oneOf, queryOf, wholeNumber } from '../query-parameters.ts'
import { asked, fromView } from '../responses.ts'
import { viewAsked } from '../view/asked.ts'

const tags = ['Alerts']
const MOST_EPISODES = 1_000

/** What of alerts is asked for, of those that fire and those that fired. */
const filterParameters = () => ({
  severity: anyTexts().meta({ description: 'Of this severity; repeated for several' }),
  alert: anyTexts().meta({ description: 'Of this name; repeated for several' }),
  device: anyTexts().meta({ description: 'Of the device of this id; repeated for several' }),
  branch: inventoryTexts('this branch'),
  region: inventoryTexts('this region'),
  q: freeText().meta({
    description: "Words that all occur in the labels, the device's name, its branch or region",
  }),
})

const listRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/alerts',
    tags,
    summary: 'Alerts',
    description: 'The worst and oldest first; `X-Total-Count` says how many match.',
    request: {
      query: queryOf({
        state: oneOf([...ALERT_STATES, 'any']).default('firing'),
        ...filterParameters(),
        ...pageParameters(),
        at: atParameter(now),
      }),
    },
    responses: fromView('The alerts that match', z.array(alertSchema)),
  })

const historyRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/alerts/history',
    tags,
    summary: 'Alerts that fired, and who was told',
    description:
      'Each time that an alert fired between `from` and `to`, the newest first; `X-Total-Count` says how many there were.',
    request: {
      query: queryOf({
        from: pastInstant(now)
          .optional()
          .meta({ description: '24 hours before `to` unless given' }),
        to: pastInstant(now).optional().meta({ description: 'Now unless given' }),
        ...filterParameters(),
        limit: wholeNumber({ min: 1, max: MOST_EPISODES })
          .default(100)
          .meta({ description: 'So many at most' }),
        offset: pageParameters().offset,
      }),
    },
    responses: asked('The times that alerts fired', z.array(episodeSchema)),
  })

/** What fires, what fired, and who was told. */
export function alertRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { inventory, historyStore, clock } = parts
  const now = (): number => clock.now()
  const inTurn = createTurns(clock)

  return createEndpoints()
    .openapi(listRoute(now), async (c) => {
      const { at, limit, offset, ...filter } = c.req.valid('query')
      const principal = c.get('principal')
      const devices = inventoryFor(inventory.current, principal)
      checkDevices(devices, filter.device)
      amongDevices(devices, 'branch', filter.branch)
      amongDevices(devices, 'region', filter.region)
      const current = await viewAsked(parts, principal, at)
      return answerList(c, current, clock, { limit, offset }, () =>
        filterAlerts(alertsJson(current), filter),
      )
    })
    .openapi(historyRoute(now), async (c) => {
      const { from, to, branch, region, q, ...more } = c.req.valid('query')
      const span = historySpan({ from, to }, clock.now())
      const principal = c.get('principal')
      const devices = inventoryFor(inventory.current, principal)
      const question = {
        ...more,
        ...span,
        words: wordsOf(q),
        branch: amongDevices(devices, 'branch', branch),
        region: amongDevices(devices, 'region', region),
        isSeen: (labels: Labels) => seesLabels(principal, labels, (id) => devices.has(id)),
      }
      const { signal } = c.req.raw
      const ask = () => askAlertHistory(historyStore, devices, question, signal)
      const { episodes, total, named } = await inTurn(ask, signal)
      checkDevices(devices, more.device, named)
      c.header('X-Total-Count', String(total))
      c.header('Cache-Control', 'no-store')
      return c.json(episodes, 200)
    })
}
