import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'
import { createTurns } from '../history/turns.ts'
import { anyKnown, readParameters, wholeNumber } from '../query-parameters.ts'
import { MAX_SLOWEST, askSlowest } from '../slowest.ts'

/** What is told of polling. Asked when it is read: no view has it. */
export function snmpRoutes({ inventory, historyStore, clock }: ApiParts): Hono {
  const inTurn = createTurns(clock)
  const valuesOf = (key: 'branch' | 'region') =>
    anyKnown(() => [...inventory.current.values()].map((device) => device[key]))
  const parameters = {
    branch: valuesOf('branch'),
    region: valuesOf('region'),
    limit: wholeNumber({ min: 1, max: MAX_SLOWEST }, 10),
  }

  return new Hono().get('/snmp/slowest', async (c) => {
    const question = readParameters(c.req.url, parameters)
    c.header('Cache-Control', 'no-store')
    const { signal } = c.req.raw
    const ask = () => askSlowest(historyStore, inventory.current, question, clock.now(), signal)
    return c.json(await inTurn(ask, signal))
  })
}
