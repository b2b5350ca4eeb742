import { didYouMean } from '../../lib/config/nearest.ts'
import type { RuleGroup } from '../rule.ts'

/** The groups in the order that a test names, the others after them as they stand in their files. */
export function inOrder(
  groups: readonly RuleGroup[],
  order: readonly string[],
): { readonly groups: readonly RuleGroup[]; readonly problem: string | null } {
  const names = new Set(groups.map(({ name }) => name))
  for (const [index, name] of order.entries()) {
    if (order.indexOf(name) < index)
      return { groups, problem: `${JSON.stringify(name)} stands twice in it: keep one` }
    if (names.has(name)) continue
    const hint = didYouMean(name, [...names])
    return {
      groups,
      problem: `there is no group ${JSON.stringify(name)} in the rule files${hint}`,
    }
  }
  const placeOf = ({ name }: RuleGroup): number => {
    const place = order.indexOf(name)
    return place < 0 ? order.length : place
  }
  return {
    groups: groups.toSorted((one, other) => placeOf(one) - placeOf(other)),
    problem: null,
  }
}
