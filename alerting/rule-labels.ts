import type { Labels } from '../lib/labels.ts'
import type { AlertRule, RuleGroup, Text } from './rule.ts'

/** What an alerting rule adds to its results' labels: the group's, its own before those, and its severity. */
export function addedLabels(
  group: RuleGroup,
  { labels, severity }: AlertRule,
): Readonly<Record<string, string | Text>> {
  return { ...group.labels, ...labels, ...(severity === undefined ? {} : { severity }) }
}

/**
 * A result's labels with those that a rule adds. A label that both have keeps the result's value as `exported_…`; an
 * empty one of the rule deletes it.
 */
export function withLabels(own: Labels, added: Labels): Labels {
  const labels: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    // An empty value equals an absent label, and receivers compute the fingerprint without it.
    if (name !== '__name__' && value !== '') labels[name] = value
  }
  for (const [name, value] of Object.entries(added)) {
    delete labels[name]
    if (value === '') continue
    labels[name] = value
    const existing = own[name] ?? ''
    if (existing !== '' && existing !== value) labels[`exported_${name}`] = existing
  }
  return labels
}

// Queries give the labels of a series that they gave before as the same object.
const sound = new WeakSet<Labels>()

/** Why these can't be a series' labels, or null. */
export function labelFlaw(labels: Labels): string | null {
  if (sound.has(labels)) return null
  const flaw = findFlaw(labels)
  if (flaw === null) sound.add(labels)
  return flaw
}

function findFlaw(labels: Labels): string | null {
  for (const [name, value] of Object.entries(labels)) {
    if (name === '') return 'a label has no name'
    if (typeof value !== 'string') return `its label ${name} is no text`
    if (!name.isWellFormed() || !value.isWellFormed()) return `its label ${name} is no UTF-8`
  }
  return null
}
