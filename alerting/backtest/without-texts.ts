import { type Expression, type RuleGroup, isAlertRule } from '../rule.ts'

type RuleFunction = Exclude<Expression, string>

/** The alerting rules alone, without annotations: whether and when something is told doesn't depend on its words. */
export function withoutTexts(
  group: RuleGroup,
  wrap: (expr: RuleFunction) => RuleFunction = (expr) => expr,
): RuleGroup {
  return {
    ...group,
    rules: group.rules.filter(isAlertRule).map((rule) => ({
      ...rule,
      annotations: {},
      expr: typeof rule.expr === 'string' ? rule.expr : wrap(rule.expr),
    })),
  }
}
