import { type Alert, alertKey, isActive } from '../alert.ts'
import { adoptAlerts } from '../adopt.ts'
import type { RuleGroup } from '../rule.ts'
import { groupId } from '../rule-id.ts'
import type { LiveSeries } from '../series.ts'
import { type GroupMemory, createMemory } from './memory.ts'

export type TakenOn = {
  readonly memories: readonly GroupMemory[]
  /** Series of alerts that are nobody's any more. */
  readonly ended: readonly LiveSeries[]
}

/** Begins groups with the alerts, and the alerts' series, that earlier ones left: an earlier process' or a reload's. */
export function takeOn(
  groups: readonly RuleGroup[],
  left: { readonly alerts: readonly Alert[]; readonly series: readonly LiveSeries[] },
  rewriteMs: number,
  before: ReadonlyMap<string, GroupMemory> = new Map(),
): TakenOn {
  const { states } = adoptAlerts(groups, left.alerts)
  const owners = new Map<string, string>()
  for (const [id, ofGroup] of states)
    for (const ofRule of ofGroup.values())
      for (const alert of ofRule.values()) if (isActive(alert)) owners.set(alert.key, id)
  const owned = Map.groupBy(left.series, (series) => owners.get(alertOf(series)))
  const memories = groups.map((group) => {
    const id = groupId(group)
    const memory = createMemory(group, states.get(id) ?? new Map(), rewriteMs, before.get(id))
    memory.keeper.adopt(owned.get(id) ?? [])
    return memory
  })
  return { memories, ended: owned.get(undefined) ?? [] }
}

/** The key of the alert that a series shows. */
function alertOf({ labels }: LiveSeries): string {
  const { alertstate: _, ...own } = labels
  return alertKey(own)
}
