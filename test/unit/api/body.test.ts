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
  ['cut off', 400, 'expected JSON: Unexpected end of JSON input', JSON_TYPE, '{"device": '],
  ['missing', 400, 'expected JSON: there is no body', JSON_TYPE, undefined],
  [
    'no JSON in its second line',
    400,
    'in JSON at position 20 (line 3 column 1)',
    JSON_TYPE,
    '{"comment": "x",\n  \n}',
  ],
  ['a form', 415, 'Content-Type: application/json', { 'content-type': 'text/plain' }, 'a=b'],
  ['a list', 400, 'expected an object, got a list', JSON_TYPE, '[]'],
  ['null', 400, 'expected an object, got nothing', JSON_TYPE, 'null'],
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

test.each<[string, unknown, string]>([
  ['an unknown key', { commment: 'x' }, 'unknown key "commment", did you mean comment?; expected '],
  [
    'an unknown key of a matcher',
    { matchers: [{ name: 'branch', value: 'Vake', isRegex: true }], comment: 'x' },
    'matchers.0: unknown key "isRegex", did you mean is_regex?; expected ',
  ],
  [
    'a matcher that is none',
    { matchers: ['branch'], comment: 'x' },
    'matchers.0: expected an object',
  ],
  [
    'a comment that turns round what stands after it',
    { matchers: [{ name: 'branch', value: 'Vake' }], comment: 'a\u202eb' },
    'comment: expected a text without characters that change the direction',
  ],
])('%s is refused in words of ours', async (_, body, detail) => {
  const answer = await app.request('/api/v1/silences', {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(body),
  })
  const problem = problemSchema.parse(await answer.json())
  expect([answer.status, problem.detail]).toEqual([400, expect.stringContaining(detail)])
})
