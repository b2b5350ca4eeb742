import { dirname } from 'node:path'
import { loadRuleFiles } from '../../alerting/rule-files/load.ts'
import { validateExpressions } from '../../alerting/rule-files/validate-expressions.ts'
import type { RuleGroup } from '../../alerting/rule.ts'
import type { Config } from '../../lib/config/schema.ts'
import type { Problem } from '../../lib/config/problem.ts'
import { createEgress } from '../../lib/egress/egress.ts'
import { findExecutable } from '../../lib/embedded/executable.ts'
import { startThrowAway } from '../../lib/embedded/throw-away.ts'
import { createLog } from '../../lib/log.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'

export type RuleReading = {
  readonly problems: readonly Problem[]
  readonly notices: readonly Problem[]
  readonly groups: readonly RuleGroup[]
}

/** The rule files of a configuration, and whether VictoriaMetrics understands their expressions where it is installed. */
export async function checkRules(
  { alerting, egress }: Pick<Config, 'alerting' | 'egress'>,
  configFile: string,
): Promise<RuleReading> {
  const { groups, problems, notices } = await loadRuleFiles(
    alerting.rule_files,
    dirname(configFile),
    { configFile, egress: createEgress(egress) },
  )
  const hasExpressions = groups.some(({ rules }) =>
    rules.some(({ expr }) => typeof expr === 'string'),
  )
  if (!hasExpressions) return { problems, notices, groups }
  if (findExecutable('victoria-metrics') === null) {
    const message =
      'the expressions of rules were not checked: the program victoria-metrics is not installed here'
    const file = configFile
    return {
      problems,
      groups,
      notices: [...notices, { file, path: 'alerting.rule_files', message }],
    }
  }
  return { problems: [...problems, ...(await askThrowAway(groups))], notices, groups }
}

async function askThrowAway(groups: readonly RuleGroup[]): Promise<Problem[]> {
  const { signal } = new AbortController()
  await using throwAway = await startThrowAway(createLog('silent'), signal)
  await using victoriaMetrics = connectVictoriaMetrics(throwAway.url)
  return await validateExpressions(groups, victoriaMetrics)
}
