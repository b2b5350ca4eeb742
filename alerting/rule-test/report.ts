import { formatProblem } from '../../lib/config/problem.ts'
import { formatDuration } from '../../lib/duration.ts'
import type { Difference, Item } from './compare.ts'
import type { Failure, Notice, TestResult } from './run.ts'

/** What became of a test, in lines: one when it passed, and what differed when it didn't. */
export function reportTest(result: TestResult): string[] {
  const { test, failures, notices, evaluations, seconds } = result
  const state = failures.length === 0 ? 'ok  ' : 'FAIL'
  const work = `${evaluations} ${evaluations === 1 ? 'evaluation' : 'evaluations'}, ${seconds.toFixed(1)} s`
  return [
    `${state}  ${test.name} (${work})`,
    ...notices.map((notice) => `      ${noticeText(notice)}`),
    ...failures.flatMap(reportFailure).map((line) => `      ${line}`.trimEnd()),
  ]
}

export const noticeText = ({ place, message }: Notice): string =>
  `notice: ${formatProblem({ file: place.file, line: place.line, message })}`

/** Where it is, what was asked, and the two sides beside one another. */
export function reportFailure(failure: Failure): string[] {
  const { place, what, atMs, difference, reason } = failure
  const message = `${what} at ${formatDuration(atMs)}: ${difference === null ? reason : counts(difference)}`
  const head = formatProblem({ file: place.file, line: place.line, message })
  return difference === null ? [head] : [head, ...sideBySide(difference)]
}

const counts = ({ expected, got }: Difference): string => `expected ${expected}, got ${got}`

const NONE: Item = new Map([['', '']])

/** A text longer than a column stands on lines of its own. */
const MOST_WIDTH = 64

function sideBySide({ pairs }: Difference): string[] {
  const rows = pairs.flatMap(([expected, got], index) => [
    ...(index === 0 ? [] : [BREAK]),
    ...rowsOf(expected, got),
  ])
  const width = Math.max(8, ...rows.filter(isShort).map(({ left }) => left.length))
  return [
    `  ${'expected'.padEnd(width)}  got`,
    ...rows.flatMap((row) => {
      const { mark, left, right } = row
      if (isShort(row)) return [`${mark} ${left.padEnd(width)}  ${right}`.trimEnd()]
      if (left === right) return [`${mark} both:     ${left}`]
      return [`${mark} expected: ${left || '(none)'}`, `${mark} got:      ${right || '(none)'}`]
    }),
  ]
}

const isShort = ({ left, right }: Row): boolean => Math.max(left.length, right.length) <= MOST_WIDTH

type Row = { readonly mark: '!' | ' '; readonly left: string; readonly right: string }

const BREAK: Row = { mark: ' ', left: '', right: '' }

function rowsOf(expected: Item | null, got: Item | null): Row[] {
  const [left, right] = [expected ?? NONE, got ?? NONE]
  const names = [...new Set([...left.keys(), ...right.keys()])].filter(Boolean)
  const text = (item: Item, name: string): string => {
    const value = item.get(name)
    return value === undefined ? '' : `${name}=${value}`
  }
  const rows = names.map((name): Row => {
    const isSame = left.get(name) === right.get(name)
    return { mark: isSame ? ' ' : '!', left: text(left, name), right: text(right, name) }
  })
  if (expected === null) return [{ mark: '!', left: '(none)', right: '' }, ...rows]
  if (got === null) return [{ mark: '!', left: '', right: '(none)' }, ...rows]
  return rows
}
