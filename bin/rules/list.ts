import { dirname } from 'node:path'
import { loadRuleFiles } from '../../alerting/rule-files/load.ts'
import { isAlertRule, ruleName } from '../../alerting/rule.ts'
import { builtInRules } from '../../alerting/rules/index.ts'
import { ConfigError, loadConfig } from '../../lib/config/load.ts'
import { formatDuration } from '../../lib/duration.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'

/** `wardline rules list`: the rules that alerting runs with this configuration, in their order. Gives the exit code. */
export async function listRules(
  configPath: string,
  { json = false }: { readonly json?: boolean },
  output: Output,
): Promise<number> {
  const config = await loadConfig(configPath)
  const loaded = await loadRuleFiles(config.alerting.rule_files, dirname(configPath), {
    configFile: configPath,
  })
  if (loaded.problems.length > 0) throw new ConfigError(loaded.problems)
  const rules = [...builtInRules(config), ...loaded.groups].flatMap((group) =>
    group.rules.map((rule) => {
      const severity = isAlertRule(rule) ? (rule.severity ?? rule.labels?.['severity']) : undefined
      return {
        group: group.name,
        kind: isAlertRule(rule) ? 'alert' : 'record',
        name: ruleName(rule),
        every: formatDuration(group.intervalMs),
        for: isAlertRule(rule) ? formatDuration(rule.forMs ?? 0) : '',
        severity: typeof severity === 'string' ? severity : '',
        file: group.file === '' ? 'built in' : group.file,
      }
    }),
  )
  if (json) output.print(JSON.stringify(rules, null, 2))
  else {
    const head = ['group', 'kind', 'name', 'every', 'for', 'severity', 'file']
    const rows = rules.map((rule) => Object.values(rule))
    for (const line of alignedLines([head, ...rows])) output.print(line)
  }
  return 0
}
