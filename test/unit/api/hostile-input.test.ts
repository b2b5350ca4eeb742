import { describe, expect, test } from 'vitest'
import type { OpenApi, Operation } from '../../../api/openapi.ts'
import { exampleOf } from '../../../api/reference/example.ts'
import { problemSchema } from '../../../api/schemas.ts'
import { authAs } from '../../fakes/auth.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { someone } from './acting.ts'
import { vectorsOf } from './fleet-vectors.ts'
import { standOver } from './stand.ts'

// Whatever is sent to whatever endpoint, the answer is one that the document describes, and a refusal is in words of ours.

const { app } = await standOver(
  inventoryOf(device('router-1', { branch: 'Vake' }), device('router-2', { branch: 'Gori' })),
  vectorsOf({ id: 'router-1', up: true, sinceAgo: 60_000, sampleAgo: 1_000 }),
  {},
  { auth: authAs(someone('admin')) },
)
const document = (await (await app.request('/api/openapi.json')).json()) as OpenApi
const { schemas } = document.components
const JSON_TYPE = { 'content-type': 'application/json' }

const IN_PATH = [
  'router-1',
  'none',
  '-1',
  '1e9',
  '..',
  'a'.repeat(5_000),
  '%00',
  '%2F',
  '%E0%A4%A',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
]
const IN_QUERY = [
  '',
  ' ',
  '-1',
  '0',
  '1e99',
  'NaN',
  'null',
  ',',
  'x,y',
  '[]',
  '{}',
  '-name',
  '__proto__',
  '%00',
  '%F0%9F%98%80',
  'a'.repeat(3_000),
  '2026-11-22',
  '1999-12-31T23:59:59Z',
  '9999-12-31T23:59:59Z',
  '2026-11-22T10:00:00%2B04:00',
]
const VALUES = [
  null,
  '',
  -1,
  1e99,
  [],
  {},
  true,
  [null],
  [[]],
  { a: 1 },
  '\u0000',
  '\ud800',
  '\u202e',
  'a'.repeat(20_000),
]
const BODIES = [
  '',
  '{',
  'null',
  '[]',
  '{}',
  '"x"',
  '1',
  '[null]',
  '{"__proto__":{"a":1}}',
  '\u0000',
]

type Sent = {
  readonly url: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

function* hostile(path: string, { parameters = [], requestBody }: Operation): Iterable<Sent> {
  const named = parameters.filter((each) => each.in === 'path')
  const filled = (valueOf: (name: string, example: string) => string): string =>
    named.reduce((url, { name, schema }) => {
      const example = encodeURIComponent(String(exampleOf(schema, schemas)))
      return url.replace(`{${name}}`, valueOf(name, example))
    }, path)
  const usual = filled((name, example) => (name === 'id' ? 'router-1' : example))
  const [content] = Object.values(requestBody?.content ?? {})
  const example = content === undefined ? undefined : exampleOf(content.schema ?? {}, schemas)
  const written = example === undefined ? {} : { body: JSON.stringify(example), headers: JSON_TYPE }

  if (named.length > 0) for (const value of IN_PATH) yield { url: filled(() => value), ...written }
  for (const { name, in: place } of parameters)
    if (place === 'query')
      for (const value of IN_QUERY) yield { url: `${usual}?${name}=${value}`, ...written }
  if (example === undefined) return
  for (const body of BODIES) yield { url: usual, body, headers: JSON_TYPE }
  yield { url: usual, body: '<a/>', headers: { 'content-type': 'application/xml' } }
  if (typeof example !== 'object' || example === null) return
  for (const key of Object.keys(example))
    for (const value of VALUES)
      yield { url: usual, body: JSON.stringify({ ...example, [key]: value }), headers: JSON_TYPE }
}

/** What a validator says that nobody put into words. */
const FOREIGN = /\bInvalid input|\bzod\b|undefined|\[object|ZodError|at .*\.ts:/i

async function flawOf(
  method: string,
  { responses }: Operation,
  sent: Sent,
): Promise<string | null> {
  const { url, ...init } = sent
  const response = await app.request(url, { method: method.toUpperCase(), ...init })
  const { status } = response
  const what = `${status} to ${JSON.stringify(sent).slice(0, 200)}`
  if (!(String(status) in responses)) return `not described: ${what}`
  if (status < 400) {
    await response.body?.cancel()
    return null
  }
  const { success, data } = problemSchema.safeParse(await response.json())
  if (!success || data.status !== status) return `no problem details: ${what}`
  return data.detail === '' || FOREIGN.test(data.detail) ? `${data.detail}: ${what}` : null
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, method, path, operation] as const,
  ),
)

describe('H1 whatever is sent, the answer is one that is described', () => {
  test.each(operations)('%s', async (_title, method, path, operation) => {
    const flaws: string[] = []
    for (const sent of hostile(path, operation)) {
      const flaw = await flawOf(method, operation, sent)
      if (flaw !== null) flaws.push(flaw)
    }
    expect(flaws).toEqual([])
  })
})
