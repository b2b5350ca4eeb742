import { expect, test } from 'vitest'
import { check } from '../../../bin/check.ts'
import { directoryWith } from '../inventory/files.ts'

async function run(files: Record<string, string>) {
  await using directory = await directoryWith(files)
  const printed: string[] = []
  const errors: string[] = []
  const clean = (line: string) => line.replaceAll(`${directory.path}/`, '')
  const code = await check(directory.of('wardline.yaml'), {
    print: (line) => printed.push(clean(line)),
    error: (line) => errors.push(clean(line)),
  })
  return { code, printed, errors }
}

const config = [
  'inventory: {devices: [{id: a, address: 10.0.0.1}]}',
  'alerting: {rule_files: ["rules/*.yml"]}',
].join('\n')

test('wardline check tells what is wrong in rule files, expressions too', async () => {
  const result = await run({
    'wardline.yaml': config,
    'rules/a.yml': 'groups:\n- name: a\n  rules:\n  - {alert: A, expr: "sum(up"}\n',
    'rules/b.yml': 'groups:\n- name: b\n  rules:\n  - {alert: A, exrp: up}\n',
  })
  expect(result).toEqual({
    code: 1,
    printed: [],
    errors: [
      'rules/b.yml:4: groups[0].rules[0].expr: expected a text, got nothing',
      'rules/b.yml:4: groups[0].rules[0].exrp: unknown key, did you mean expr?',
      expect.stringContaining('rules/a.yml:4: groups[0].rules[0].expr: the expression is wrong: '),
      '3 problems',
    ],
  })
})

test('wardline check counts the rules of good files', async () => {
  const result = await run({
    'wardline.yaml': config,
    'rules/a.yml':
      'groups:\n- name: a\n  tenant: "1"\n  rules:\n  - {alert: A, expr: up}\n  - {record: b, expr: up}\n',
  })
  expect(result.code).toBe(0)
  expect(result.printed).toContain('rules of files: 2, groups: 1')
  expect(result.printed).toContain(
    'notice: rules/a.yml:3: groups[0].tenant: has no effect: the tenant is a part of victoriametrics.url',
  )
})
