import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { compareAlerts, compareSamples } from '../../../../alerting/rule-test/compare.ts'
import { junitXml } from '../../../../alerting/rule-test/junit.ts'
import { reportFailure, reportTest } from '../../../../alerting/rule-test/report.ts'
import {
  type AlertCase,
  type RuleTest,
  START_AT,
} from '../../../../alerting/rule-test/rule-test.ts'
import type { TestResult } from '../../../../alerting/rule-test/run.ts'
import type { Labels } from '../../../../lib/labels.ts'

const place = { file: 'a.test.yml', line: 7 }

const alertCase = (expected: AlertCase['expected'], group: string | null = 'g'): AlertCase => ({
  place,
  atMs: 300_000,
  group,
  alert: 'Down',
  expected,
})

const firing = (labels: Labels, given: Partial<Alert> = {}): Alert => ({
  key: JSON.stringify(labels),
  groupId: '',
  ruleId: '',
  labels: { alertname: 'Down', alertgroup: 'g', ...labels },
  annotations: {},
  value: 1,
  revision: '',
  state: 'firing',
  activeAt: 0,
  startsAt: 0,
  resolvedAt: 0,
  keepFiringSince: null,
  ...given,
})

describe('alerts are compared', () => {
  test('whatever their order', () => {
    const expected = [
      { labels: { d: 'a' }, annotations: {} },
      { labels: { d: 'b' }, annotations: {} },
    ]
    expect(compareAlerts(alertCase(expected), [firing({ d: 'b' }), firing({ d: 'a' })])).toBe(null)
  })

  test('firing ones alone, of this rule and group alone', () => {
    const others = [
      firing({ d: 'a' }, { state: 'pending' }),
      firing({ d: 'a' }, { state: 'resolved' }),
      firing({ d: 'a', alertname: 'Other' }),
      firing({ d: 'a', alertgroup: 'other' }),
    ]
    expect(compareAlerts(alertCase([]), others)).toBe(null)
  })

  test('of all groups where the case names none, whatever their label alertgroup', () => {
    const expected = [
      { labels: { d: 'a' }, annotations: {} },
      { labels: { d: 'a' }, annotations: {} },
    ]
    const alerts = [firing({ d: 'a' }), firing({ d: 'a', alertgroup: 'other' })]
    expect(compareAlerts(alertCase(expected, null), alerts)).toBe(null)
  })

  test('with their annotations, also those that nobody expects', () => {
    const expected = [{ labels: { d: 'a' }, annotations: {} }]
    const difference = compareAlerts(alertCase(expected), [
      firing({ d: 'a' }, { annotations: { summary: 'x' } }),
    ])
    expect(difference?.pairs).toHaveLength(1)
  })

  test('the same alert twice is not the same as once', () => {
    const expected = [{ labels: { d: 'a' }, annotations: {} }]
    const difference = compareAlerts(alertCase([...expected, ...expected]), [firing({ d: 'a' })])
    expect(difference).toMatchObject({ expected: 2, got: 1 })
  })
})

describe('samples are compared', () => {
  const query = (value: number) => ({
    place,
    atMs: 0,
    expr: 'x',
    expected: [{ labels: { __name__: 'x' }, value }],
  })
  const got = (value: number) => [{ labels: { __name__: 'x' }, value, at: 0 }]

  test.each([
    [0.3, 0.1 + 0.2, true, true],
    [0.3, 0.1 + 0.2, false, false],
    [1, 1.000001, true, false],
    [Infinity, Infinity, false, true],
    [Number.NaN, Number.NaN, false, true],
    [0, -0, false, true],
  ])('%d and %d, fuzzy %s: %s', (expected, value, isFuzzy, isSame) => {
    expect(compareSamples(query(expected), got(value), isFuzzy) === null).toBe(isSame)
  })

  test('an empty label equals an absent one', () => {
    const labels = { __name__: 'x', job: '' }
    expect(compareSamples(query(1), [{ labels, value: 1, at: 0 }], false)).toBe(null)
  })
})

describe('a failure is told', () => {
  const lines = (expected: AlertCase['expected'], alerts: readonly Alert[]): string[] => {
    const difference = compareAlerts(alertCase(expected), alerts)
    const what = 'alert Down of group g'
    return reportFailure({ place, what, atMs: 300_000, difference, reason: '' })
  }

  test('with both sides beside one another, those that are most alike together', () => {
    const expected = [{ labels: { d: 'a', s: 'x' }, annotations: { summary: 'down' } }]
    const alerts = [
      firing({ d: 'b', s: 'y' }),
      firing({ d: 'a', s: 'y' }, { annotations: { summary: 'down' } }),
    ]
    expect(lines(expected, alerts)).toEqual([
      'a.test.yml:7: alert Down of group g at 5m: expected 1, got 2',
      '  expected                   got',
      '  alertgroup="g"             alertgroup="g"',
      '  alertname="Down"           alertname="Down"',
      '  d="a"                      d="a"',
      '! s="x"                      s="y"',
      '  annotation summary="down"  annotation summary="down"',
      '',
      '! (none)',
      '!                            alertgroup="g"',
      '!                            alertname="Down"',
      '!                            d="b"',
      '!                            s="y"',
    ])
  })

  test('with long texts on lines of their own', () => {
    const text = 'x'.repeat(80)
    const expected = [{ labels: {}, annotations: { summary: text } }]
    expect(
      lines(expected, [firing({}, { annotations: { summary: `${text}!` } })]).slice(-2),
    ).toEqual([
      `! expected: annotation summary="${text}"`,
      `! got:      annotation summary="${text}!"`,
    ])
  })
})

describe('a result is told', () => {
  const ruleTest: RuleTest = {
    name: 'links & "more"',
    place,
    groups: [],
    startAt: START_AT,
    evaluationIntervalMs: 60_000,
    intervalMs: 60_000,
    style: 'vmalert',
    externalLabels: {},
    externalUrl: '',
    series: [],
    alerts: [],
    queries: [],
    isFuzzy: false,
  }
  const result = (failures: TestResult['failures']): TestResult => ({
    test: ruleTest,
    failures,
    notices: [],
    evaluations: 6,
    seconds: 0.51,
  })
  const failure = {
    place,
    what: 'rate(x)',
    atMs: 60_000,
    difference: null,
    reason: 'no <such> thing',
  }

  test('in one line where it passed', () => {
    expect(reportTest(result([]))).toEqual(['ok    links & "more" (6 evaluations, 0.5 s)'])
  })

  test('with what failed', () => {
    expect(reportTest(result([failure]))).toEqual([
      'FAIL  links & "more" (6 evaluations, 0.5 s)',
      '      a.test.yml:7: rate(x) at 1m: no <such> thing',
    ])
  })

  test("as JUnit's XML", () => {
    expect(junitXml([result([]), result([failure])])).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites tests="2" failures="1" time="1.020">',
        '  <testsuite name="a.test.yml" tests="2" failures="1" time="1.020">',
        '    <testcase name="links &amp; &quot;more&quot;" classname="a.test.yml" time="0.510"/>',
        '    <testcase name="links &amp; &quot;more&quot;" classname="a.test.yml" time="0.510">',
        '      <failure message="a.test.yml:7: rate(x) at 1m: no &lt;such&gt; thing">a.test.yml:7: rate(x) at 1m: no &lt;such&gt; thing</failure>',
        '    </testcase>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    )
  })
})
