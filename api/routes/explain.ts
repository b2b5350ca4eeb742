import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'
import { askEvidence } from '../explain/ask.ts'
import { decidedAt } from '../explain/decided-at.ts'
import { pastInstant } from '../explain/instant.ts'
import { explainJson } from '../explain/json.ts'
import { judge } from '../explain/verdict.ts'
import { createTurns } from '../history/turns.ts'
import { knownDevice } from '../known-device.ts'
import { readParameters } from '../query-parameters.ts'
import { windowsOf } from '../view/vectors.ts'

/** Why a device has its status, now or at a past instant, and who was told of it. */
export function explainRoutes(parts: ApiParts): Hono {
  const { inventory, historyStore, decisions, evaluationMs, clock } = parts
  const inTurn = createTurns(clock)
  const parameters = { at: pastInstant(() => clock.now()) }

  return new Hono().get('/devices/:id/explain', async (c) => {
    const { at } = readParameters(c.req.url, parameters)
    const device = knownDevice(inventory, c.req.param('id'))
    const devices = inventory.current
    c.header('Cache-Control', 'no-store')
    const { signal } = c.req.raw
    const explain = async () => {
      const windows = windowsOf(devices, evaluationMs)
      const evidence = await askEvidence(historyStore, device, devices, { at, windows, signal })
      const causes = evidence.held.filter(({ by }) => isPerson(by)).map(({ cause }) => cause)
      const decided = await decidedAt(decisions, at, clock.now(), causes)
      return explainJson(judge(device, devices, evidence, decided))
    }
    return c.json(await inTurn(explain, signal))
  })
}

const isPerson = (by: string): boolean => by === 'silence' || by === 'maintenance'
