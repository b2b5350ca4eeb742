import { readFileSync } from 'node:fs'
import Ajv from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { expect, it, test } from 'vitest'
import { configJsonSchema } from '../../../../lib/config/json-schema.ts'
import { configSchema, deviceSchema } from '../../../../lib/config/schema.ts'
import { CSV_COLUMNS } from '../../../../lib/inventory/csv.ts'

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')

it('the published JSON Schema is current (renew: node lib/config/json-schema.ts > docs/wardline.schema.json)', () => {
  expect(JSON.parse(read('docs/wardline.schema.json'))).toEqual(configJsonSchema())
})

it('the published JSON Schema accepts the example and refuses an unknown key', () => {
  const accepts = new Ajv.default({ strict: false, formats: { uri: true } }).compile(
    configJsonSchema(),
  )
  const example = parse(read('examples/wardline.yaml')) as object
  expect(accepts(example)).toBe(true)
  expect(accepts({ ...example, inventroy: {} })).toBe(false)
})

it('names what must be there: of a device, and of what is read leniently', () => {
  const { properties } = configJsonSchema() as {
    properties: Record<string, { items: object; properties: Record<string, { items: object }> }>
  }
  expect(properties['inventory']?.properties['devices']?.items).toMatchObject({
    required: ['id', 'address'],
  })
  expect(properties['receivers']?.items).toMatchObject({ required: ['name'] })
})

type Node = { properties?: Record<string, Node>; items?: Node; anyOf?: Node[]; oneOf?: Node[] } & {
  additionalProperties?: Node | boolean
}

/** Every key that a configuration may have, as the documentation writes it. */
function keysOf(node: Node, prefix = ''): string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    `${prefix}${key}`,
    ...keysOf(child, `${prefix}${key}.`),
  ])
  const values = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
  return [
    ...inner,
    ...[
      ...values,
      ...(node.items ? [node.items] : []),
      ...(node.anyOf ?? []),
      ...(node.oneOf ?? []),
    ].flatMap((child) => keysOf(child, prefix)),
  ]
}

const keys = [...new Set(keysOf(configJsonSchema() as Node))]

test.each(keys)('docs/configuration.md has the key %s', (key) => {
  const shared = key
    .replace(/^(defaults|profiles|inventory\.devices)\./, '')
    .replace(
      /^receivers\.[a-z]+\.(?=(timeout|tls|bearer_token|basic|headers)\b)/,
      'receivers.<kind>.',
    )
  const documented = [...read('docs/configuration.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
    (m) => m[1],
  )
  expect(documented).toContain(shared)
})

it('docs/inventory.md names every key of a device and every column', () => {
  const text = read('docs/inventory.md')
  const named = [...Object.keys(deviceSchema.shape), ...CSV_COLUMNS]
  expect(named.filter((key) => !text.includes(`\`${key}\``))).toEqual([])
})

it('an empty configuration is a good one: 2 echoes, 1 s, every 10 s, confirmed by 3', async () => {
  const { BUILT_IN_PING } = await import('../../../../lib/config/schema.ts')
  expect(configSchema.parse({})).toMatchObject({
    inventory: { files: [], devices: [] },
    alerting: { interval: 15_000, availability_interval: 2_000 },
  })
  expect(BUILT_IN_PING).toEqual({ interval: 10_000, count: 2, timeout: 1_000, confirm: 3 })
})
