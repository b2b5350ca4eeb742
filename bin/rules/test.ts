import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import pLimit from 'p-limit'
import { junitXml } from '../../alerting/rule-test/junit.ts'
import { loadTestFiles } from '../../alerting/rule-test/load.ts'
import { reportTest } from '../../alerting/rule-test/report.ts'
import type { RuleTest } from '../../alerting/rule-test/rule-test.ts'
import { type TestResult, runTest } from '../../alerting/rule-test/run.ts'
import { ConfigError } from '../../lib/config/problem.ts'
import { findExecutable } from '../../lib/embedded/executable.ts'
import { createLog } from '../../lib/log.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Output } from '../output.ts'

export type RulesTestOptions = {
  /** Only tests with this in their name. */
  readonly filter?: string
  /** Where the results are written as JUnit's XML, too. */
  readonly junit?: string
  readonly externalLabel?: readonly string[]
  readonly externalUrl?: string
}

/** Each test has a VictoriaMetrics of its own, which takes most of its time to start. */
const AT_ONCE = 2

/** `wardline rules test`: runs tests of rules, and gives the exit code: 0 all passed, 1 some failed. */
export async function testRules(
  files: readonly string[],
  options: RulesTestOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { tests, problems } = await loadTestFiles(files, process.cwd(), {
    externalLabels: readLabels(options.externalLabel ?? []),
    externalUrl: options.externalUrl ?? '',
  })
  if (problems.length > 0) throw new ConfigError(problems)
  const { filter } = options
  const chosen = tests.filter(({ name }) => filter === undefined || name.includes(filter))
  if (chosen.length === 0) {
    throw new StartError(
      filter === undefined
        ? 'there are no tests in these files'
        : `no test has ${JSON.stringify(filter)} in its name: ${names(tests)}`,
    )
  }
  if (findExecutable('victoria-metrics') === null)
    throw new StartError(
      'tests of rules run on a VictoriaMetrics of their own, and the program victoria-metrics is not installed here: run `node setup.mjs`',
    )
  const results = await runAll(chosen, output, signal)
  const failed = results.filter(({ failures }) => failures.length > 0).length
  output.print('')
  output.print(`${results.length - failed} passed, ${failed} failed`)
  if (options.junit !== undefined) await writeFile(options.junit, junitXml(results))
  return failed === 0 ? 0 : 1
}

/** Some at once; told in their order. */
async function runAll(
  tests: readonly RuleTest[],
  output: Output,
  signal: AbortSignal,
): Promise<TestResult[]> {
  const limit = pLimit(AT_ONCE)
  const log = createLog('silent')
  const running = tests.map((test) => limit(() => runTest(test, log, signal)))
  const results: TestResult[] = []
  let file = ''
  try {
    for (const [index, run] of running.entries()) {
      const own = tests[index]?.place.file ?? ''
      if (own !== file) output.print(relative(process.cwd(), own) || own)
      file = own
      const result = await run
      for (const line of reportTest(result)) output.print(`  ${line}`)
      results.push(result)
    }
    return results
  } finally {
    limit.clearQueue()
    await Promise.allSettled(running.slice(0, results.length + AT_ONCE))
  }
}

function readLabels(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
      throw new StartError(`--external-label: expected name=value, got ${JSON.stringify(text)}`)
    }),
  )
}

const MOST_NAMES = 10

function names(tests: readonly RuleTest[]): string {
  const shown = tests.slice(0, MOST_NAMES).map(({ name }) => JSON.stringify(name))
  const rest = tests.length - shown.length
  return `there are ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
