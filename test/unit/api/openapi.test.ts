import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeEach, describe, expect, test } from 'vitest'
import { openApiOf } from '../../../api/openapi.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { vectorsOf } from './fleet-vectors.ts'
import { type Stand, standOver } from './stand.ts'

type Parameter = { name: string; in: string; required?: boolean; schema: Record<string, unknown> }
type Answer = { description: string; content: Record<string, { schema: object }> }
type Operation = { summary: string; parameters: Parameter[]; responses: Record<string, Answer> }
type Document = {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const document = openApiOf('1.2.3') as Document
const operations = Object.entries(document.paths).map(
  ([path, { get }]) => [path, get as Operation] as const,
)
const queryOf = ({ parameters }: Operation): Parameter[] =>
  parameters.filter((each) => each.in === 'query')

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'document', ...document })
const validatorOf = (schema: object) =>
  ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')),
  )

let stand: Stand
beforeEach(async () => {
  stand = await standOver(
    inventoryOf(device('router-1')),
    vectorsOf({ id: 'router-1', up: false, sinceAgo: 60_000, sampleAgo: 1_000, loss: 1 }),
  )
})

test('the document is served, with the version that serves it', async () => {
  const response = await stand.app.request('/api/openapi.json')

  expect(response.headers.get('content-type')).toContain('application/json')
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)))
  expect(document).toMatchObject({
    openapi: '3.1.1',
    info: { title: 'wardline', version: '1.2.3' },
  })
})

test('it has every path that answers GET, but for the files of the page, and no other', () => {
  const routes = stand.app.routes
    .filter(({ method, path }) => method === 'GET' && path !== '/' && !path.startsWith('/page/'))
    .map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))

  expect(Object.keys(document.paths).toSorted()).toEqual([...new Set(routes)].toSorted())
})

describe.each(operations)('%s', (path, operation) => {
  const url = path.replace('{id}', 'router-1')

  test('is an operation as OpenAPI 3.1 wants it', () => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = operation.parameters.filter((each) => each.in === 'path')
    const names = operation.parameters.map((each) => `${each.in} ${each.name}`)

    expect(declared.map(({ name }) => name)).toEqual(inPath)
    expect(declared.every(({ required }) => required === true)).toBe(true)
    expect(new Set(names).size).toBe(names.length)
    expect(Object.keys(operation.responses)).toContain('200')
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect(status).toMatch(/^[1-5]\d\d$/)
      expect(description).not.toBe('')
      for (const { schema } of Object.values(content)) validatorOf(schema)
    }
  })

  test('answers as it says', async () => {
    const response = await stand.app.request(url)
    const content = operation.responses[response.status]?.content ?? {}
    const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(content)

    expect(response.headers.get('content-type')).toContain(mediaType)
    if (mediaType !== 'application/json') return void response.body?.cancel()
    const isValid = validatorOf(schema)
    isValid(await response.json())
    expect(isValid.errors ?? []).toEqual([])
  })
})

test.each(operations.filter(([, { responses }]) => '400' in responses))(
  '%s takes the parameters that the document names, and no other',
  async (path, operation) => {
    const url = path.replace('{id}', 'router-1')
    const refused = await stand.app.request(`${url}?no-such-parameter=1`)
    const { valid } = (await refused.json()) as { valid: string[] }

    expect(refused.status).toBe(400)
    expect(valid).toEqual(queryOf(operation).map(({ name }) => name))
  },
)

test.each(
  operations.flatMap(([path, operation]) =>
    queryOf(operation).flatMap(({ name, schema }) => {
      const { enum: words = [] } = (schema['items'] ?? schema) as { enum?: string[] }
      return words.map((word) => [`${path.replace('{id}', 'router-1')}?${name}=${word}`] as const)
    }),
  ),
)('%s is taken', async (url) => {
  expect((await stand.app.request(url)).status).toBe(200)
})
