import { reportFailure } from './report.ts'
import type { TestResult } from './run.ts'

/** The results as JUnit's XML, one suite for each file: what build servers show. */
export function junitXml(results: readonly TestResult[]): string {
  const suites = Map.groupBy(results, ({ test }) => test.place.file)
  const lines = [...suites].flatMap(([file, own]) => [
    `  <testsuite name=${attribute(file)} tests="${own.length}" failures="${failed(own)}" time="${seconds(own)}">`,
    ...own.flatMap(testcase),
    '  </testsuite>',
  ])
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${results.length}" failures="${failed(results)}" time="${seconds(results)}">`,
    ...lines,
    '</testsuites>',
    '',
  ].join('\n')
}

function testcase(result: TestResult): string[] {
  const { test, failures } = result
  const head = `    <testcase name=${attribute(test.name)} classname=${attribute(test.place.file)} time="${seconds([result])}"`
  if (failures.length === 0) return [`${head}/>`]
  const [first = ''] = failures.flatMap(reportFailure)
  const text = failures.flatMap(reportFailure).join('\n')
  return [
    `${head}>`,
    `      <failure message=${attribute(first)}>${escape(text)}</failure>`,
    '    </testcase>',
  ]
}

const failed = (results: readonly TestResult[]): number =>
  results.filter(({ failures }) => failures.length > 0).length

const seconds = (results: readonly TestResult[]): string =>
  results.reduce((sum, result) => sum + result.seconds, 0).toFixed(3)

const attribute = (text: string): string => `"${escape(text).replaceAll('\n', '&#10;')}"`

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** What XML can't hold at all becomes a question mark. */
const escape = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .toWellFormed()
    .replace(/[&<>"]/g, (one) => ESCAPES[one] ?? '')
