import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Inhibition } from './inhibit-rule.ts'

const RANKS: Readonly<Record<string, number>> = { critical: 4, error: 3, warning: 2, info: 1 }

/** Firing alerts of one problem, by key. */
type Problem = { readonly id: string; readonly alerts: Map<string, Labels> }

/** Built in: of alerts with the same labels but for their severity, the gravest covers the others (C4). */
export function createSeverityInhibition(): Inhibition {
  const problems = new Map<string, Problem>()
  const problemOf = new Map<string, Problem>()
  const rank = (labels: Labels): number => RANKS[labels['severity'] ?? ''] ?? 0
  return {
    add({ key, labels }) {
      if (rank(labels) === 0) return []
      const id = labelsKey({ ...labels, severity: '' })
      let problem = problems.get(id)
      if (problem === undefined) problems.set(id, (problem = { id, alerts: new Map() }))
      const others = [...problem.alerts.keys()].filter((other) => other !== key)
      problem.alerts.set(key, labels)
      problemOf.set(key, problem)
      return others
    },
    remove({ key }) {
      const problem = problemOf.get(key)
      if (problem === undefined) return []
      problemOf.delete(key)
      problem.alerts.delete(key)
      if (problem.alerts.size === 0) problems.delete(problem.id)
      return [...problem.alerts.keys()]
    },
    sourceOf({ key, labels }) {
      const problem = problemOf.get(key)
      if (problem === undefined || problem.alerts.size < 2) return null
      for (const other of problem.alerts.values()) if (rank(other) > rank(labels)) return other
      return null
    },
  }
}
