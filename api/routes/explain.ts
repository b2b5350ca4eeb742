import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { askEvidence } from '../explain/ask.ts'
import { decidedAt } from '../explain/decided-at.ts'
import { explainJson } from '../explain/json.ts'
import { explainSchema } from '../explain/schema.ts'
import { verdictFor } from '../explain/scoped.ts'
import { judge } from '../explain/verdict.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter } from '../instant.ts'
import { knownDevice } from '../known-device.ts'
import { queryOf } from '../query-parameters.ts'
import { asked, noDevice } from '../responses.ts'
import { windowsOf } from '../view/vectors.ts'
import { deviceParams } from './devices.ts'

const explainRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/devices/{id}/explain',
    tags: ['Devices'],
    summary: 'Why it has its status, and who was told',
    request: { params: deviceParams, query: queryOf({ at: atParameter(now) }) },
    responses: { ...asked('In sentences, and as data', explainSchema), ...noDevice },
  })

/** Why a device has its status, now or at a past instant, and who was told of it. */
export function explainRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { inventory, historyStore, decisions, evaluationMs, clock } = parts
  const inTurn = createTurns(clock)
  const now = (): number => clock.now()

  return createEndpoints().openapi(explainRoute(now), async (c) => {
    const at = c.req.valid('query').at ?? now()
    const principal = c.get('principal')
    const own = { current: inventoryFor(inventory.current, principal) }
    const device = knownDevice(own, c.req.valid('param').id)
    const devices = inventory.current
    c.header('Cache-Control', 'private, no-store')
    const { signal } = c.req.raw
    const explain = async () => {
      const windows = windowsOf(devices, evaluationMs)
      const evidence = await askEvidence(historyStore, device, devices, { at, windows, signal })
      const causes = evidence.held.filter(({ by }) => isPerson(by)).map(({ cause }) => cause)
      const decided = await decidedAt(decisions, at, now(), causes)
      const verdict = judge(device, devices, evidence, decided)
      return explainJson(principal.scope === null ? verdict : verdictFor(verdict, own.current))
    }
    return c.json(await inTurn(explain, signal), 200)
  })
}

const isPerson = (by: string): boolean => by === 'silence' || by === 'maintenance'
