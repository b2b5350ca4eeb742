import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Inhibition } from './inhibit-rule.ts'

const RANKS: Readonly<Record<string, number>> = { critical: 4, error: 3, warning: 2, info: 1 }

/** Built in: of alerts with the same labels but for their severity, the gravest covers the others (C4). */
export function createSeverityInhibition(): Inhibition {
  const problems = new Map<string, Map<string, Labels>>()
  const rank = (labels: Labels): number => RANKS[labels['severity'] ?? ''] ?? 0
  const problemKey = (labels: Labels): string => labelsKey({ ...labels, severity: '' })
  const others = (problem: Map<string, Labels>, key: string): string[] =>
    [...problem.keys()].filter((other) => other !== key)
  return {
    add({ key, labels }) {
      if (rank(labels) === 0) return []
      const id = problemKey(labels)
      const problem = problems.get(id) ?? new Map<string, Labels>()
      problems.set(id, problem.set(key, labels))
      return others(problem, key)
    },
    remove({ key, labels }) {
      if (rank(labels) === 0) return []
      const id = problemKey(labels)
      const problem = problems.get(id)
      if (problem === undefined) return []
      problem.delete(key)
      if (problem.size === 0) problems.delete(id)
      return [...problem.keys()]
    },
    sourceOf({ labels }) {
      const own = rank(labels)
      if (own === 0) return null
      for (const other of problems.get(problemKey(labels))?.values() ?? [])
        if (rank(other) > own) return other
      return null
    },
  }
}
