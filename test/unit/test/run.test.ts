import { describe, expect, test } from 'vitest'
import { STAGES, countOf, groupStages, inNamespace, selectStages, sum } from '../../run.ts'

test.each([
  [[], [...STAGES], []],
  [['unit'], ['unit'], []],
  [['lint', 'types'], ['lint', 'types'], []],
  [
    ['integration', 'test/integration/snmp', '-t', 'unit'],
    ['integration'],
    ['test/integration/snmp', '-t', 'unit'],
  ],
])('the arguments %j select the stages %j', (args, stages, rest) => {
  expect(selectStages(args)).toEqual({ stages, rest })
})

test('chaos runs beside e2e where both are to run, and all others one after the other', () => {
  expect(groupStages(STAGES)).toEqual([
    ['lint'],
    ['types'],
    ['unit'],
    ['integration'],
    ['e2e', 'chaos'],
  ])
  expect(groupStages(['chaos'])).toEqual([['chaos']])
  expect(groupStages(['unit', 'e2e'])).toEqual([['unit'], ['e2e']])
})

describe('the sum at the end', () => {
  const report = JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
  })

  test('is of what each run of vitest reports', () => {
    const one = countOf(report, true)
    expect(sum([one, one])).toEqual({ passed: 6, failed: 0, skipped: 4 })
  })

  test('is never without a failure when a stage failed', () => {
    expect(countOf(null, false).failed).toBe(1)
    expect(countOf(report, false).failed).toBe(1)
    expect(countOf(null, true).failed).toBe(0)
  })
})

test('only an ordinary user needs a user namespace around the network namespace', () => {
  expect(inNamespace(['true'], true).slice(0, 2)).toEqual(['unshare', '-n'])
  expect(inNamespace(['true'], false).slice(0, 2)).toEqual(['unshare', '-rn'])
})
