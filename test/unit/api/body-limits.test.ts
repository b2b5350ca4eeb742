import { expect, test } from 'vitest'
import { authAs } from '../../fakes/auth.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { someone } from './acting.ts'
import { vectorsOf } from './fleet-vectors.ts'
import { standOver } from './stand.ts'

const { app } = await standOver(
  inventoryOf(device('router-1')),
  vectorsOf(),
  {},
  { auth: authAs(someone('admin')) },
)

type Operations = Readonly<Record<string, { readonly requestBody?: unknown }>>
const { paths } = (await (await app.request('/api/openapi.json')).json()) as {
  paths: Readonly<Record<string, Operations>>
}
const taking = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, { requestBody }]) =>
    requestBody === undefined ? [] : [[method.toUpperCase(), path] as const],
  ),
)

test('the API has requests with a body', () => {
  expect(taking.length).toBeGreaterThan(10)
})

test.each(taking)(
  '%s %s refuses a body that is larger than any that makes sense',
  async (method, path) => {
    const answer = await app.request(path.replaceAll(/\{\w+\}/g, 'router-1'), {
      method,
      headers: { 'content-type': 'application/json', 'content-length': '30000000' },
      body: '{}',
    })
    expect(answer.status).toBe(413)
  },
)
