import { expect, test } from 'vitest'
import { problemSchema } from '../../../api/schemas.ts'
import { authAs } from '../../fakes/auth.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { someone } from './acting.ts'
import { vectorsOf } from './fleet-vectors.ts'
import { standOver } from './stand.ts'

const { app } = await standOver(
  inventoryOf(device('router-1')),
  vectorsOf(),
  {},
  { auth: authAs(someone('operator')) },
)
const JSON_TYPE = { 'content-type': 'application/json' }

test.each<[string, number, string, Record<string, string>, string | undefined]>([
  ['cut off', 400, 'expected JSON: there is no body, or none that', JSON_TYPE, '{"device": '],
  ['missing', 400, 'expected JSON: there is no body, or none that', JSON_TYPE, undefined],
  ['a form', 415, 'Content-Type: application/json', { 'content-type': 'text/plain' }, 'a=b'],
  ['a list', 400, 'expected object, received array', JSON_TYPE, '[]'],
  ['null', 400, 'expected object, received null', JSON_TYPE, 'null'],
])('a body that is %s is a %i that says what is expected', async (...given) => {
  const [, status, detail, headers, body] = given
  const answer = await app.request('/api/v1/silences', {
    method: 'POST',
    headers,
    ...(body !== undefined && { body }),
  })
  const problem = problemSchema.parse(await answer.json())
  expect([answer.status, problem.title]).toEqual([status, 'Bad body'])
  expect(problem.detail).toContain(detail)
})
