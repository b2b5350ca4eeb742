import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../../../lib/config/schema.ts'
import { parseYaml } from '../../../lib/config/yaml.ts'

const ROOT = join(import.meta.dirname, '../../..')
const FILES = ['README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()]

/** First keys of files of rules and of their tests, which are tested elsewhere, and of amtool's configuration. */
const OTHERS = ['groups', 'rule_files', 'alertmanager.url']

/** What the pages show of wardline.yaml, variables filled in. */
const examples = FILES.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)]
  return blocks.flatMap(([, yaml = ''], index) => {
    const filled = yaml.replaceAll(/\$\{[A-Z_]+\}/g, 'https://example.com')
    const value = parseYaml(file, filled).value as object
    // A list is of devices.
    return Array.isArray(value) || OTHERS.some((key) => key in value)
      ? []
      : [{ title: `${file}, example ${index + 1}`, value }]
  })
})

test.each(examples)('$title is a part of a good configuration', ({ value }) => {
  expect(configSchema.safeParse(value).error).toBeUndefined()
})

test('pages show some', () => expect(examples.length).toBeGreaterThan(20))
