import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { groupSchema, ruleSchema } from '../../../../alerting/rule-files/schema.ts'
import { readRuleYaml } from '../../../../alerting/rule-files/read-yaml.ts'
import { FUNCTIONS } from '../../../../alerting/template/functions.ts'

const page = await readFile(new URL('../../../../docs/rules.md', import.meta.url), 'utf8')
const section = (title: string): string =>
  new RegExp(`^## ${title}\n(.*?)^## `, 'ms').exec(page)?.[1] ?? ''

test('the rule file of docs/rules.md is a good one', async () => {
  const example = /```yaml\n(groups:.*?)```/s.exec(page)?.[1] ?? ''
  const { groups, problems } = await readRuleYaml('a.yml', example, {
    environment: {},
    intervalMs: 60_000,
  })
  expect(problems).toEqual([])
  expect(groups.map(({ rules }) => rules.length)).toEqual([2])
})

test.each([...Object.keys(groupSchema.shape), ...Object.keys(ruleSchema.shape)])(
  'docs/rules.md tells of the key %s',
  (key) => {
    expect(section('YAML')).toContain(`\`${key}\``)
  },
)

test('docs/rules.md lists every function of templates, and no other', () => {
  const rows = [...section('Templates').matchAll(/^\| [\w ]+ \| (.*) \|$/gm)].slice(1)
  const cells = rows.map(([, cell = '']) => cell).filter((cell) => !cell.includes('{{'))
  const listed = cells.flatMap((cell) =>
    [...cell.matchAll(/`([\w ]+)`/g)].flatMap(([, words = '']) => words.split(' ')),
  )
  expect(new Set(listed)).toEqual(new Set(FUNCTIONS.keys()))
})
