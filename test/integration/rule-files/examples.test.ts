import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { check } from '../../../bin/check.ts'
import { testRules } from '../../../bin/rules/test.ts'

const printed: string[] = []
const errors: string[] = []
const output = {
  print: (line: string) => void printed.push(line),
  error: (line: string) => void errors.push(line),
}

beforeEach(() => {
  printed.length = 0
  errors.length = 0
  vi.stubEnv('SNMP_COMMUNITY', 'x')
  vi.stubEnv('WEBHOOK_SECRET', 'y')
})
afterEach(() => vi.unstubAllEnvs())

test('the example of a configuration is good, its rules included', async () => {
  const code = await check('examples/wardline.yaml', output)
  expect({ code, errors }).toEqual({ code: 0, errors: [] })
  expect(printed).toContain('rules of files: 2, groups: 1')
})

test("the example's rules pass their tests", async () => {
  const { signal } = new AbortController()
  const code = await testRules(['examples/rules/links.test.yml'], {}, output, signal)
  expect({ code, last: printed.at(-1) }).toEqual({ code: 0, last: '1 passed, 0 failed' })
})
