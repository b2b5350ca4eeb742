import { Hono } from 'hono'
import { alertsJson } from '../alerts-json.ts'
import { answerView, stampView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { oneOf, readParameters } from '../query-parameters.ts'
import { branchesOf, regionsOf } from '../stats.ts'

/** What is told of the fleet as a whole. */
export function fleetRoutes({ view, assessor, clock }: ApiParts): Hono {
  return new Hono()
    .get('/branches', async (c) => {
      readParameters(c.req.url, {})
      const current = await view.current()
      return answerView(c, current, clock, () => branchesOf(current))
    })
    .get('/regions', async (c) => {
      readParameters(c.req.url, {})
      const current = await view.current()
      return answerView(c, current, clock, () => regionsOf(current))
    })
    .get('/alerts', async (c) => {
      const { state } = readParameters(c.req.url, {
        state: oneOf(['firing', 'pending', 'any'], 'firing'),
      })
      const current = await view.current()
      return answerView(c, current, clock, () =>
        alertsJson(current).filter((alert) => state === 'any' || alert.state === state),
      )
    })
    .get('/dashboard/stats', async (c) => {
      readParameters(c.req.url, {})
      const current = await view.current()
      stampView(c, current, clock)
      c.header('Cache-Control', 'no-store')
      return c.json(assessor.stats(current))
    })
}
