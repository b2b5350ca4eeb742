import { createRoute, z } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { createEndpoints } from '../../../api/endpoint.ts'
import { Problem } from '../../../api/problem.ts'
import {
  anyOf,
  anyTexts,
  freeText,
  oneOf,
  queryOf,
  wholeNumber,
} from '../../../api/query-parameters.ts'

const query = queryOf({
  status: anyOf(['up', 'down', 'unknown']),
  branch: anyTexts(),
  range: oneOf(['1h', '6h']).default('6h'),
  q: freeText(),
  limit: wholeNumber({ min: 1, max: 100 }).optional(),
})
const route = createRoute({
  method: 'get',
  path: '/path',
  request: { query },
  responses: { 200: { description: '', content: { 'application/json': { schema: z.any() } } } },
})
const app = createEndpoints()
app.openapi(route, (c) => c.json(c.req.valid('query'), 200))
app.onError((error, c) => {
  if (!(error instanceof Problem)) throw error
  return c.json({ detail: error.message, ...error.extra }, error.status)
})

async function read(asked: string): Promise<{ status: number; body: unknown }> {
  const response = await app.request(`/path${asked}`)
  return { status: response.status, body: await response.json() }
}

test('nothing asked is the defaults', async () => {
  expect(await read('')).toEqual({ status: 200, body: { range: '6h', q: '' } })
})

test('several values come with commas or repeated; a name may hold a comma', async () => {
  const asked = '?status=up,down&status=unknown&branch=Gori%2C+old&branch=&range=1h&q=+a+&limit=7'

  expect((await read(asked)).body).toEqual({
    status: ['up', 'down', 'unknown'],
    branch: ['Gori, old', ''],
    range: '1h',
    q: 'a',
    limit: 7,
  })
})

const PARAMETERS = ['status', 'branch', 'range', 'q', 'limit']
const STATUSES = ['up', 'down', 'unknown']

test.each([
  [
    '?stats=up',
    'stats',
    'unknown parameter stats, did you mean status?; valid ones: status, branch, range, q, limit',
    PARAMETERS,
  ],
  [
    '?status=dwn',
    'status',
    'status: unknown value "dwn", did you mean down?; valid ones: up, down, unknown',
    STATUSES,
  ],
  ['?status=', 'status', 'status: unknown value ""; valid ones: up, down, unknown', STATUSES],
  ['?range=2h', 'range', 'range: unknown value "2h"', ['1h', '6h']],
  ['?range=1h&range=6h', 'range', 'range: given 2 times, expected once', ['1h', '6h']],
  ['?q=a&q=b', 'q', 'q: given 2 times, expected once', undefined],
  [`?q=${'a+'.repeat(150)}`, 'q', 'q: expected a text of at most 200 characters', undefined],
  ['?limit=0', 'limit', 'limit: expected a whole number from 1 to 100, got "0"', undefined],
  ['?limit=1e3', 'limit', 'limit: expected a whole number from 1 to 100, got "1e3"', undefined],
  ['?limit=', 'limit', 'limit: expected a whole number from 1 to 100, got ""', undefined],
  ['?limit=1&limit=2', 'limit', 'limit: given 2 times, expected once', undefined],
  ['?__proto__=x', '__proto__', 'unknown parameter __proto__; valid ones: status', PARAMETERS],
])('%s is a 400 that says what is valid', async (asked, parameter, detail, valid) => {
  const { status, body } = await read(asked)

  expect(status).toBe(400)
  expect(body).toMatchObject({ parameter, detail: expect.stringContaining(detail) })
  expect((body as { valid?: unknown }).valid).toEqual(valid)
})
