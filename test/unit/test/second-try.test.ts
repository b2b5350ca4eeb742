import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TestCase } from 'vitest/node'
import SecondTryReporter, { SECOND_TRY_FILE, tellSecondTries } from '../../second-try.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardline-second-try-'))
  file = join(folder, 'tries.txt')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** What vitest gives to a reporter of a test that passed, with the errors of the tries before. */
const passed = (fullName: string, flaky: boolean, ...errors: string[]): TestCase =>
  ({
    fullName,
    module: { relativeModuleId: 'test/integration/a.test.ts' },
    diagnostic: () => ({ flaky }),
    result: () => ({ state: 'passed', errors: errors.map((message) => ({ message })) }),
  }) as unknown as TestCase

test('what passed at the second try only is told by name, with the first line of why', () => {
  vi.stubEnv(SECOND_TRY_FILE, file)
  const reporter = new SecondTryReporter()
  reporter.onTestCaseResult(passed('at once', false))
  reporter.onTestCaseResult(passed('a > b', true, 'waited in vain\nfor much', 'and again'))
  reporter.onTestCaseResult(passed('c', true))

  expect(tellSecondTries(readFileSync(file, 'utf8'))).toBe(
    'Passed at the second try only, and wants mending:\n' +
      'test/integration/a.test.ts > a > b: waited in vain\n' +
      'test/integration/a.test.ts > c: no message\n',
  )
})

test('where all passed at once there is nothing to tell', () => {
  expect(tellSecondTries(null)).toBeNull()
})

test('a run of vitest by hand has no file to write to', () => {
  vi.stubEnv(SECOND_TRY_FILE, undefined)
  const reporter = new SecondTryReporter()
  expect(() => reporter.onTestCaseResult(passed('c', true))).not.toThrow()
})
