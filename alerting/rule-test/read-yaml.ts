import { dirname } from 'node:path'
import { formatPath, validate } from '../../lib/config/explain.ts'
import type { Problem } from '../../lib/config/problem.ts'
import { parseYaml } from '../../lib/config/yaml.ts'
import type { Labels } from '../../lib/labels.ts'
import { loadRuleFiles } from '../rule-files/load.ts'
import type { RuleGroup } from '../rule.ts'
import { inOrder } from './group-order.ts'
import { type AlertCase, type Place, type RuleTest, START_AT } from './rule-test.ts'
import { type TestConfig, type TestFileConfig, testFileSchema } from './schema.ts'

export type FileTests = {
  readonly tests: readonly RuleTest[]
  readonly problems: readonly Problem[]
}

/** What every test of the command line begins with. */
export type TestDefaults = { readonly externalLabels: Labels; readonly externalUrl: string }

/** The tests of a unit test file of vmalert-tool or promtool, with the rules of the files that it names. */
export async function readTestYaml(
  file: string,
  text: string,
  defaults: TestDefaults,
): Promise<FileTests> {
  const source = parseYaml(file, text)
  if (source.problems.length > 0) return { tests: [], problems: source.problems }
  const placeOf = (path: readonly PropertyKey[]): Place & { file: string } => ({
    file,
    line: source.line(path),
    path: formatPath(path),
  })
  const checked = validate(testFileSchema, source.value ?? {})
  if (!checked.ok) {
    const problems = checked.findings.map(({ path, message }) => ({ ...placeOf(path), message }))
    return { tests: [], problems }
  }
  const config = checked.data
  const loaded = await loadRuleFiles(config.rule_files, dirname(file))
  const problems = loaded.problems.map((problem) => named(problem, placeOf))
  const order = inOrder(loaded.groups, config.group_eval_order)
  if (order.problem !== null)
    problems.push({ ...placeOf(['group_eval_order']), message: order.problem })
  if (problems.length > 0) return { tests: [], problems }
  const tests = config.tests.map((test, index) =>
    toTest(test, {
      config,
      defaults,
      groups: order.groups,
      placeOf: (path) => placeOf(['tests', index, ...path]),
      name: test.name ?? `test ${index + 1}`,
    }),
  )
  return { tests, problems: [] }
}

/** A rule file that isn't there is named by the test file, not by a configuration. */
function named(
  problem: Problem,
  placeOf: (path: readonly PropertyKey[]) => Place & { file: string },
): Problem {
  if (problem.path !== 'alerting.rule_files') return problem
  return { ...placeOf(['rule_files']), message: problem.message }
}

function toTest(
  test: TestConfig,
  {
    config,
    defaults,
    groups,
    placeOf,
    name,
  }: {
    readonly config: TestFileConfig
    readonly defaults: TestDefaults
    readonly groups: readonly RuleGroup[]
    readonly placeOf: (path: readonly PropertyKey[]) => Place
    readonly name: string
  },
): RuleTest {
  const queriesOf = (key: 'metricsql_expr_test' | 'promql_expr_test'): RuleTest['queries'] =>
    test[key].map(({ expr, eval_time, exp_samples }, index) => ({
      place: placeOf([key, index]),
      atMs: eval_time,
      expr,
      expected: exp_samples,
    }))
  return {
    name,
    place: placeOf([]),
    groups,
    startAt: test.start_timestamp ?? START_AT,
    evaluationIntervalMs: config.evaluation_interval,
    intervalMs: test.interval ?? config.evaluation_interval,
    style: styleOf(test),
    externalLabels: { ...defaults.externalLabels, ...test.external_labels },
    externalUrl: test.external_url ?? defaults.externalUrl,
    series: test.input_series.map(({ series, values }) => ({ labels: series, values })),
    alerts: test.alert_rule_test.map((one, index): AlertCase => ({
      place: placeOf(['alert_rule_test', index]),
      atMs: one.eval_time,
      group: one.groupname ?? null,
      alert: one.alertname,
      expected: one.exp_alerts.map(({ exp_labels, exp_annotations }) => ({
        labels: exp_labels,
        annotations: exp_annotations,
      })),
    })),
    queries: [...queriesOf('metricsql_expr_test'), ...queriesOf('promql_expr_test')],
    isFuzzy: config.fuzzy_compare,
  }
}

/** Each tool has a key of its own for expressions; and promtool's alerts know no group. */
function styleOf(test: TestConfig): RuleTest['style'] {
  if (test.promql_expr_test.length > 0) return 'prometheus'
  if (test.metricsql_expr_test.length > 0) return 'vmalert'
  const isGrouped = test.alert_rule_test.every(({ groupname }) => groupname !== undefined)
  return isGrouped ? 'vmalert' : 'prometheus'
}
