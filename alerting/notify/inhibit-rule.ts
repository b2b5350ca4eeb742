import type { InhibitRuleConfig } from '../../lib/config/routing.ts'
import type { Labels } from '../../lib/labels.ts'
import { compileMatchers } from '../../lib/matchers.ts'
import type { Alert } from '../alert.ts'

export type Known = Pick<Alert, 'key' | 'labels'>

/** Firing alerts that cover others: one rule. */
export type Inhibition = {
  /** A firing alert begins; gives the keys of those whose inhibition may have changed. */
  add(alert: Known): readonly string[]
  /** It is over. */
  remove(alert: Known): readonly string[]
  /** The labels of one that covers it, or null. */
  sourceOf(alert: Known): Labels | null
}

/** Alerts with the same values of the `equal` labels. Whoever is on both sides covers only those that aren't. */
type Bucket = {
  readonly sources: Map<string, Labels>
  readonly pureSources: Map<string, Labels>
  readonly targets: Set<string>
}

/** As Alertmanager has it; a label that is missing equals an empty one. */
export function createInhibition(rule: InhibitRuleConfig): Inhibition {
  const isSource = compileMatchers(rule.source_matchers)
  const isTarget = compileMatchers(rule.target_matchers)
  const buckets = new Map<string, Bucket>()
  const bucketKey = (labels: Labels): string =>
    rule.equal.length === 0 ? '' : JSON.stringify(rule.equal.map((name) => labels[name] ?? ''))
  const covers = ({ sources, pureSources }: Bucket): string =>
    `${sources.size > 0} ${pureSources.size > 0}`

  /** Applies a change; the targets are affected when the first source came or the last one went. */
  function change(labels: Labels, apply: (bucket: Bucket) => void): readonly string[] {
    const key = bucketKey(labels)
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = { sources: new Map(), pureSources: new Map(), targets: new Set() }
      buckets.set(key, bucket)
    }
    const before = covers(bucket)
    apply(bucket)
    if (bucket.sources.size === 0 && bucket.targets.size === 0) buckets.delete(key)
    return covers(bucket) === before ? [] : [...bucket.targets]
  }

  return {
    add({ key, labels }) {
      const [source, target] = [isSource(labels), isTarget(labels)]
      if (!source && !target) return []
      return change(labels, ({ sources, pureSources, targets }) => {
        if (source) sources.set(key, labels)
        if (source && !target) pureSources.set(key, labels)
        if (target) targets.add(key)
      })
    },
    remove({ key, labels }) {
      if (!isSource(labels) && !isTarget(labels)) return []
      return change(labels, ({ sources, pureSources, targets }) => {
        sources.delete(key)
        pureSources.delete(key)
        targets.delete(key)
      })
    },
    sourceOf({ labels }) {
      if (!isTarget(labels)) return null
      const bucket = buckets.get(bucketKey(labels))
      const candidates = isSource(labels) ? bucket?.pureSources : bucket?.sources
      return candidates?.values().next().value ?? null
    },
  }
}
