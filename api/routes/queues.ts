import { Hono } from 'hono'
import { answerView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { readParameters } from '../query-parameters.ts'
import { queuesOf } from '../queues.ts'

export function queueRoutes({ view, clock }: ApiParts): Hono {
  return new Hono().get('/scheduler/queues', async (c) => {
    readParameters(c.req.url, {})
    const current = await view.current()
    return answerView(c, current, clock, () => queuesOf(current))
  })
}
