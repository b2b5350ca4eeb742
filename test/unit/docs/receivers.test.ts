import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import { RECEIVER_KINDS } from '../../../lib/config/receiver-kinds.ts'
import { kindOf, receiverSchema } from '../../../lib/config/receivers.ts'

const document = readFileSync(new URL('../../../docs/receivers.md', import.meta.url), 'utf8')
const examples = [...document.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, yaml = '']) => {
  const filled = yaml.replaceAll(/\$\{[A-Z_]+\}/g, 'https://example.com/hook')
  return (parse(filled) as { receivers: { name: string }[] }).receivers
})

test.each(examples)('the example of docs/receivers.md is a good one: $name', (example) => {
  const config = receiverSchema.parse(example)
  const externals = { externalUrl: 'http://wardline.example', externalLabels: {} }
  expect(receiverOf(config, externals).name).toBe(example.name)
})

test('docs/receivers.md has an example of each kind', () => {
  const shown = new Set(examples.map((example) => kindOf(receiverSchema.parse(example)).kind))
  expect([...shown].sort()).toEqual(Object.keys(RECEIVER_KINDS).sort())
})
