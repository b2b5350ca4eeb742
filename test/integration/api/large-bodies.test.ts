import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccountEdits } from '../../../lib/auth/accounts.ts'
import { createAccountStore } from '../../../lib/auth/store.ts'
import { systemClock } from '../../../lib/clock.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, startApi } from './stand.ts'

const BULK = '/api/v1/devices/bulk'

let stores: Stores
let api: RunningApi
let authorization: string
beforeAll(async () => {
  stores = await startStores()
  api = await startApi(stores, inventoryOf(device('a')))
  const store = createAccountStore(stores.redis)
  const edits = createAccountEdits({ store, clock: systemClock, isAnyAdmin: true })
  const token = { name: 'import', role: 'admin', scope: null, expiresAt: null } as const
  authorization = `Bearer ${(await edits.addToken(token, 'test')).text}`
  await waitFor(async () => {
    const { body } = await api.get('/api/v1/session', { authorization })
    return body.authenticated === true
  })
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

/** Begins a request that says how long its body is, and sends nothing of it. */
async function announce(bytes: number, headers: Record<string, string>): Promise<number> {
  const type = { 'content-type': 'text/csv', 'content-length': String(bytes) }
  const asking = request(api.url + BULK, { method: 'POST', headers: { ...type, ...headers } })
  asking.on('error', () => {}) // the connection may be cut once there is an answer
  asking.flushHeaders()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  asking.destroy()
  return answer.statusCode ?? 0
}

test('a body that says to be too large is refused before a byte of it is sent', async () => {
  expect(await announce(20_000_001, { authorization })).toBe(413)
})

test('nobody who may not import sends a body at all', async () => {
  expect(await announce(5_000_000, {})).toBe(401)
  expect(await announce(5_000_000, { authorization: 'Bearer wl_none' })).toBe(401)
})
