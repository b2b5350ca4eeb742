import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { loadRuleFiles } from '../../alerting/rule-files/load.ts'
import { type LeftOut, writeRuleYaml } from '../../alerting/rule-files/write-yaml.ts'
import type { RuleGroup } from '../../alerting/rule.ts'
import { builtInRules } from '../../alerting/rules/index.ts'
import { ConfigError, formatProblem, loadConfig } from '../../lib/config/load.ts'
import { type Output, streams } from '../output.ts'

/**
 * `wardline rules export [--out dir]`: the built-in rules and those of `.ts` files as YAML that vmalert reads, one file
 * for each source in `out`, or on the standard output; what YAML can't say is told with the reason. Gives the exit code.
 */
export async function exportRules(
  { configPath, out }: { readonly configPath: string; readonly out?: string | undefined },
  output: Output = streams,
): Promise<number> {
  const config = await loadConfig(configPath)
  const { groups, problems } = await loadRuleFiles(
    config.alerting.rule_files,
    dirname(configPath),
    { configFile: configPath },
  )
  if (problems.length > 0) throw new ConfigError(problems)
  const ofFiles = groups.filter(({ file }) => /\.[cm]?[jt]s$/.test(file))
  let rules = 0
  if (out !== undefined) await mkdir(out, { recursive: true })
  for (const [name, own] of bySource([...builtInRules(config), ...ofFiles])) {
    const { text, leftOut } = writeRuleYaml(own)
    for (const one of leftOut) output.error(notice(name, one))
    if (text === '') continue
    rules += own.flatMap((group) => group.rules).length - leftOut.filter(isWhole).length
    if (out === undefined) output.print(`---\n# ${name}\n${text.trimEnd()}`)
    else await writeFile(join(out, name), text)
  }
  if (out !== undefined) output.print(`${rules} rules written to ${out}`)
  return 0
}

const isWhole = ({ part }: LeftOut): boolean => part === undefined

const notice = (name: string, { group, rule, part, reason }: LeftOut): string =>
  formatProblem({
    file: name,
    path: `group ${group}: ${rule}`,
    message: part === undefined ? `left out: ${reason}` : `without its ${part}: ${reason}`,
  })

/** Groups by the name of the file that they are written to; files of one name get a number. */
function bySource(groups: readonly RuleGroup[]): Map<string, RuleGroup[]> {
  const names = new Map<string, string>()
  const found = new Map<string, RuleGroup[]>()
  for (const group of groups) {
    let name = names.get(group.file)
    if (name === undefined) {
      const base = group.file === '' ? 'wardline' : basename(group.file).replace(/\.\w+$/, '')
      const taken = new Set(names.values())
      name = `${base}.yml`
      for (let number = 2; taken.has(name); number++) name = `${base}-${number}.yml`
      names.set(group.file, name)
    }
    found.set(name, [...(found.get(name) ?? []), group])
  }
  return found
}
