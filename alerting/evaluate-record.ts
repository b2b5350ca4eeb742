import { type Labels, labelsKey } from '../lib/labels.ts'
import { type Flaws, createFlaws } from './flaws.ts'
import type { RecordRule, Result, RuleGroup } from './rule.ts'
import { labelFlaw, withLabels } from './rule-labels.ts'
import type { LiveSeries } from './series.ts'

export type Recorded = { readonly series: readonly LiveSeries[]; readonly flaws: Flaws }

/** The series that a recording rule's results are stored as: of those with equal labels one, and as many as fit. */
export function recordResults(
  group: RuleGroup,
  rule: RecordRule,
  results: readonly Result[],
): Recorded {
  const flaws = createFlaws()
  const nameOf = namerOf(group, rule)
  const limit = group.limit ?? 0
  const series = new Map<string, LiveSeries>()
  for (const result of results) {
    const flaw = flawOf(result)
    if (flaw !== null) {
      flaws.skip(flaw, result.labels)
      continue
    }
    const { labels, key } = nameOf(result.labels)
    if (series.has(key)) flaws.skip('it has the labels of another one', labels)
    else series.set(key, { name: rule.record, labels, value: result.value })
  }
  if (limit > 0 && series.size > limit) {
    for (const key of [...series.keys()].sort().slice(limit)) {
      flaws.skip(`only ${limit} fit in the group's limit`, series.get(key)?.labels ?? {})
      series.delete(key)
    }
  }
  return { series: [...series.values()], flaws }
}

const flawOf = ({ labels, value }: Result): string | null =>
  labelFlaw(labels) ?? (Number.isFinite(value) ? null : `its value is ${value}`)

type Named = { readonly labels: Labels; readonly key: string }
const named = new WeakMap<RecordRule, { group: RuleGroup; known: WeakMap<Labels, Named> }>()

/** Labels of what is recorded of a series: made once for as long as queries give its labels as the same object. */
function namerOf(group: RuleGroup, rule: RecordRule): (labels: Labels) => Named {
  let of = named.get(rule)
  if (of?.group !== group) named.set(rule, (of = { group, known: new WeakMap() }))
  const { known } = of
  const added = { ...group.labels, ...rule.labels }
  return (own) => {
    let one = known.get(own)
    if (one === undefined) {
      const labels = withLabels(own, added)
      known.set(own, (one = { labels, key: labelsKey(labels) }))
    }
    return one
  }
}
