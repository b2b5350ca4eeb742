import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { OpenApi, Operation } from '../../../api/openapi.ts'
import { exampleOf } from '../../../api/reference/example.ts'
import { ROLES } from '../../../lib/auth/grant.ts'
import { STATUSES } from '../../../lib/status.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { authAs } from '../../fakes/auth.ts'
import { someone } from './acting.ts'
import { vectorsOf } from './fleet-vectors.ts'
import { standOver } from './stand.ts'

const { app } = await standOver(
  inventoryOf(device('router-1')),
  vectorsOf({ id: 'router-1', up: false, sinceAgo: 60_000, sampleAgo: 1_000, loss: 1 }),
  {},
  { auth: authAs(someone('admin')) },
)
const document = (await (await app.request('/api/openapi.json')).json()) as OpenApi
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): [string, string, string, Operation] => [
    `${method.toUpperCase()} ${path}`,
    method,
    path,
    operation,
  ]),
)
const schemasOf = ({ requestBody, responses }: Operation) =>
  [requestBody, ...Object.values(responses)].flatMap((one) =>
    Object.entries(one?.content ?? {}).map(([mediaType, { schema = {} }]) => ({
      mediaType,
      schema,
    })),
  )

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'document', ...document })
const validatorOf = (schema: object) =>
  ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')),
  )
/** The path with its parameters filled in: of the device that the stand has. */
function urlOf(path: string, { parameters = [] }: Operation): string {
  const { schemas } = document.components
  return parameters
    .filter((each) => each.in === 'path')
    .reduce((url, { name, schema }) => {
      const value = name === 'id' ? 'router-1' : String(exampleOf(schema, schemas))
      return url.replace(`{${name}}`, value)
    }, path)
}

function problemsOf(schema: object, value: unknown): unknown[] {
  const isValid = validatorOf(schema)
  isValid(value)
  return isValid.errors ?? []
}

test('it says which version serves it', () => {
  expect(document).toMatchObject({
    openapi: '3.1.1',
    info: { title: 'wardline', version: '1.2.3', license: { name: 'Apache-2.0' } },
  })
})

test('it is a document as the specification has it', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))

  expect({ valid, errors }).toEqual({ valid: true })
})

test('it has every route under /api, and every method of it', () => {
  const isServed = app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const described = operations.map(([title]) => title)

  expect(isServed.length).toBeGreaterThan(10)
  expect(described.filter((title) => title.includes(' /api/')).toSorted()).toEqual(
    [...new Set(isServed)].toSorted(),
  )
})

test('what a parameter can be is told as it is sent: a list, a word, a number', () => {
  const { parameters = [] } = document.paths['/api/v1/devices']?.['get'] ?? { responses: {} }
  const of = (name: string) => parameters.find((each) => each.name === name)

  expect(of('status')).toMatchObject({
    required: false,
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { type: 'string', enum: [...STATUSES] } },
  })
  expect(of('branch')).toMatchObject({ explode: true, schema: { type: 'array' } })
  expect(of('limit')?.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 100_000 })
  expect(of('offset')?.schema).toMatchObject({ type: 'integer', default: 0 })
})

test('each name of a schema is defined, and each definition is used', () => {
  const text = JSON.stringify(document)
  const used = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name)

  expect([...new Set(used)].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted())
})

describe.each(operations)('%s', (_title, _method, path, operation) => {
  test('is an operation as OpenAPI 3.1 wants it', () => {
    const { parameters = [], responses, summary, tags } = operation
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = parameters.filter((each) => each.in === 'path')
    const names = parameters.map((each) => `${each.in} ${each.name}`)

    expect(summary).toBeTruthy()
    expect(tags).toHaveLength(1)
    expect(declared.map(({ name }) => name)).toEqual(inPath)
    expect(declared.every(({ required }) => required === true)).toBe(true)
    expect(new Set(names).size).toBe(names.length)
    // What a browser is sent on from has no answer of its own.
    expect(Object.keys(responses).some((status) => /^(2\d\d|302)$/.test(status))).toBe(true)
    for (const [status, { description }] of Object.entries(responses)) {
      expect(status).toMatch(/^[1-5]\d\d$/)
      expect(description).not.toBe('')
    }
    for (const { schema } of schemasOf(operation)) validatorOf(schema)
    for (const { schema } of parameters) validatorOf(schema)
  })

  test('has examples that its schemas take', () => {
    const { schemas } = document.components
    for (const { mediaType, schema } of schemasOf(operation)) {
      if (!mediaType.endsWith('json')) continue
      expect(problemsOf(schema, exampleOf(schema, schemas))).toEqual([])
    }
    for (const { schema, name } of operation.parameters ?? []) {
      expect(problemsOf(schema, exampleOf(schema, schemas)), name).toEqual([])
    }
  })
})

const reads = operations.filter(([, method]) => method === 'get')

test.each(reads)('%s answers as it says', async (_title, _method, path, operation) => {
  const response = await app.request(urlOf(path, operation))
  const content = operation.responses[response.status]?.content ?? {}
  const [[mediaType, { schema = {} }] = ['', {}]] = Object.entries(content)

  expect(response.headers.get('content-type') ?? '').toContain(mediaType)
  if (mediaType !== 'application/json') return void response.body?.cancel()
  expect(problemsOf(schema, await response.json())).toEqual([])
})

const withQuery = reads.filter(([, , , { parameters = [] }]) =>
  parameters.some((each) => each.in === 'query'),
)

test.each(withQuery)(
  '%s takes the parameters that the document names, and no other',
  async (_title, _method, path, operation) => {
    const { parameters = [] } = operation
    const refused = await app.request(`${urlOf(path, operation)}?no-such-parameter=1`)
    const { detail } = (await refused.json()) as { detail: string }

    expect(refused.status).toBe(400)
    expect(detail).toContain('no-such-parameter')
    for (const { name, in: place } of parameters)
      if (place === 'query') expect(detail).toContain(name)
  },
)

test.each(
  withQuery.flatMap(([, , path, operation]) =>
    (operation.parameters ?? []).flatMap(({ name, in: place, schema }) => {
      const words = place === 'query' ? ((schema.items ?? schema).enum ?? []) : []
      return words.map((word) => [`${urlOf(path, operation)}?${name}=${String(word)}`] as const)
    }),
  ),
)('%s is taken', async (url) => {
  // What there is none of is a 404: it was understood.
  expect([200, 404]).toContain((await app.request(url)).status)
})

test('a change takes a token or a session, and says how it may be refused', () => {
  const remove = document.paths['/api/v1/devices/{id}']?.['delete']
  expect(remove).toMatchObject({
    security: [{ token: ['admin'] }, { session: ['admin'] }],
    responses: { 401: {}, 403: {}, 429: {} },
  })
})

describe.each(ROLES)('somebody with the role %s', (role) => {
  test('is refused what the document says takes another role, and nothing else', async () => {
    const stand = await standOver(
      inventoryOf(device('router-1')),
      vectorsOf(),
      {},
      {
        auth: authAs(someone(role)),
      },
    )
    const refused: string[] = []
    for (const [title, method, path, operation] of operations) {
      const response = await stand.app.request(urlOf(path, operation), {
        method: method.toUpperCase(),
      })
      if (response.status === 403) refused.push(title)
      await response.body?.cancel()
    }
    const takesMore = operations.flatMap(([title, , , { security = [] }]) => {
      const needed = ROLES.findIndex((each) =>
        security.some(({ token = [] }) => token.includes(each)),
      )
      return needed > ROLES.indexOf(role) ? [title] : []
    })

    expect(refused).toEqual(takesMore)
  })
})

test('who has the document gets a 304', async () => {
  const tag = (await app.request('/api/openapi.json')).headers.get('etag') ?? ''
  const headers = { 'if-none-match': tag }
  expect((await app.request('/api/openapi.json', { headers })).status).toBe(304)
})
