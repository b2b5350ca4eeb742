/**
 * `wardline/rules`: rules in TypeScript. Metrics and labels are checked by the compiler against what wardline writes;
 * a rule file exports by default what `group` gives, or a list of it, a test file what `defineTest` gives.
 */
export { series, metricsql, matching, notMatching, not } from './define/series.ts'
export type { Series, Selector } from './define/series.ts'
export type { DurationText, VectorExpression } from './define/vector.ts'
export { derive } from './define/derive.ts'
export { alert, group, record } from './define/rules.ts'
export type {
  AlertDefinition,
  GroupDefinition,
  RecordDefinition,
  TypedText,
} from './define/rules.ts'
export { defineTest } from './rule-test/define.ts'
export type { RuleTestDefinition } from './rule-test/define.ts'
export type { LabelsOf, MetricName } from './schema/index.ts'
