import { appendFileSync } from 'node:fs'
import type { Reporter, TestCase } from 'vitest/node'

/** Where the reporter below writes, a line for each test; set by test/run.ts. */
export const SECOND_TRY_FILE = 'WARDLINE_SECOND_TRY_FILE'

/** For the end of a run, from what the file has; null where all that passed did so at once. */
export const tellSecondTries = (lines: string | null): string | null =>
  lines === null ? null : `Passed at the second try only, and wants mending:\n${lines}`

/**
 * Tests of real processes are tried a second time, since another program's moment can fail them; those that needed
 * it are told by name and with why, so that nobody takes them for sound.
 */
export default class SecondTryReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const file = process.env[SECOND_TRY_FILE]
    if (file === undefined || test.diagnostic()?.flaky !== true) return
    const why = test.result().errors?.[0]?.message.split('\n', 1)[0] ?? 'no message'
    appendFileSync(file, `${test.module.relativeModuleId} > ${test.fullName}: ${why}\n`)
  }
}
