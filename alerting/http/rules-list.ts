import type { GroupStatus } from '../group/status.ts'
import { type RulesQuery, anyMatches } from './rules-query.ts'
import { VmalertError } from './vmalert-error.ts'
import {
  type GroupJson,
  type RuleJson,
  extendedState,
  groupJson,
  ruleJson,
} from './vmalert-json.ts'

export type RulesList = {
  readonly groups: readonly GroupJson[]
  /** Null unless pages were asked for. */
  readonly pages: {
    readonly page: number
    readonly total_pages: number
    readonly total_groups: number
    readonly total_rules: number
  } | null
}

/** The groups that a request asks for, by name and file, each with those of its rules that it asks for. Throws VmalertError. */
export function listRules(
  groups: readonly GroupStatus[],
  query: RulesQuery,
  externalUrl: string,
): RulesList {
  const hasLabels = anyMatches(query.matchers)
  const found = groups
    .filter((group) => isGroupWanted(group, query))
    .sort(byNameAndFile)
    .flatMap((group) => {
      const isFound = [group.group.name, group.group.file].some((text) =>
        text.toLowerCase().includes(query.search),
      )
      const rules = group.rules
        .map((status) => ruleJson(group, status, externalUrl))
        .filter((rule) => isFound || rule.name.toLowerCase().includes(query.search))
        .filter((rule) => isRuleWanted(rule, query) && hasLabels(rule.labels ?? {}))
        .map((rule) => asWanted(rule, query))
      // A group that has none is shown; one of which nothing is left isn't.
      return rules.length > 0 || group.rules.length === 0 ? [groupJson(group, rules)] : []
    })
  return page(found, query)
}

export function isGroupWanted(
  { group: { name, file } }: GroupStatus,
  { groups, files, datasource }: RulesQuery,
): boolean {
  if (groups !== null && !groups.has(name)) return false
  if (files !== null && !files.has(file)) return false
  return datasource === null || datasource === 'prometheus'
}

function isRuleWanted(rule: RuleJson, { type, names, states }: RulesQuery): boolean {
  if (type !== null && type !== rule.type) return false
  if (names !== null && !names.has(rule.name)) return false
  return states === null || states.has(rule.state) || states.has(extendedState(rule))
}

function asWanted(rule: RuleJson, { excludeAlerts, extendedStates }: RulesQuery): RuleJson {
  const state = extendedStates ? extendedState(rule) : rule.state
  if (!excludeAlerts) return { ...rule, state }
  const { alerts: _alerts, ...rest } = rule
  return { ...rest, state }
}

function page(groups: readonly GroupJson[], { groupLimit, page: asked }: RulesQuery): RulesList {
  if (groupLimit === null) return { groups, pages: null }
  const pages = Math.max(1, Math.ceil(groups.length / groupLimit))
  if (asked > pages)
    throw new VmalertError(400, `page_num: expected at most ${pages}, got ${asked}`)
  return {
    groups: groups.slice((asked - 1) * groupLimit, asked * groupLimit),
    pages: {
      page: asked,
      total_pages: pages,
      total_groups: groups.length,
      total_rules: groups.reduce((total, { rules }) => total + rules.length, 0),
    },
  }
}

function byNameAndFile({ group: one }: GroupStatus, { group: other }: GroupStatus): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1
  return one.file < other.file ? -1 : Number(one.file > other.file)
}
