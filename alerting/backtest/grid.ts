import type { RuleGroup } from '../rule.ts'
import { turnAfter } from '../group/grid.ts'

/** The instants of a rule group over the replayed time, by index. */
export type Grid = {
  readonly stepMs: number
  readonly count: number
  /** The instant that is evaluated. */
  at(index: number): number
  /** When it is. */
  dueAt(index: number): number
}

/** As the group's turns lie in ]from, to]. */
export function gridOf(group: RuleGroup, from: number, to: number): Grid {
  const { intervalMs } = group
  const first = turnAfter(group, from)
  const firstAt = first.at ?? first.dueAt
  return {
    stepMs: intervalMs,
    count: Math.max(0, Math.floor((to - first.dueAt) / intervalMs) + 1),
    at: (index) => firstAt + index * intervalMs,
    dueAt: (index) => first.dueAt + index * intervalMs,
  }
}
