import { type Labels, labelsKey } from '../lib/labels.ts'
import type { AlertRule, Result } from './rule.ts'

/** One series of one alerting rule and its state. Instants are Unix milliseconds. */
export type Alert = {
  /** Identity: all labels, `alertname` and `alertgroup` among them. */
  readonly key: string
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
  readonly state: 'pending' | 'firing' | 'resolved'
  readonly activeAt: number
  /** When it began to fire; 0 while pending. */
  readonly startsAt: number
  /** When it was resolved; 0 before that. */
  readonly resolvedAt: number
  /** First evaluation in which a firing alert's condition was absent; null while it is present. */
  readonly keepFiringSince: number | null
}

/** Resolved alerts stay visible for this long. */
const RESOLVED_RETENTION_MS = 15 * 60_000

export type AlertInput = {
  readonly labels: Labels
  readonly value: number
  readonly since?: number
  readonly annotate: (activeAt: number) => Readonly<Record<string, string>>
}

/**
 * One evaluation further, with vmalert's semantics: a condition that holds makes an alert pending and, once it held
 * for `forMs`, firing (at once when that is 0); a pending alert that misses one evaluation is gone; a firing one is
 * resolved, or kept firing for `keepFiringForMs`.
 */
export function advanceAlert(
  previous: Alert | undefined,
  input: AlertInput | undefined,
  rule: Pick<AlertRule, 'forMs' | 'keepFiringForMs'>,
  at: number,
): Alert | undefined {
  if (input === undefined)
    return previous === undefined ? undefined : withoutCondition(previous, rule, at)
  const before = isSameOccurrence(previous, input) ? previous : undefined
  const activeAt = before?.activeAt ?? input.since ?? at
  const fires = before?.state === 'firing' || at - activeAt >= (rule.forMs ?? 0)
  return {
    key: alertKey(input.labels),
    labels: input.labels,
    annotations: input.annotate(activeAt),
    value: input.value,
    state: fires ? 'firing' : 'pending',
    activeAt,
    startsAt: before?.state === 'firing' ? before.startsAt : fires ? (input.since ?? at) : 0,
    resolvedAt: 0,
    keepFiringSince: null,
  }
}

/** A condition that began anew, while nobody looked or after a resolution, is another occurrence. */
function isSameOccurrence(alert: Alert | undefined, { since }: AlertInput): boolean {
  if (alert === undefined || alert.state === 'resolved') return false
  return since === undefined || sameSecond(alert.activeAt, since)
}

/** To the second: that is what ALERTS_FOR_STATE keeps over a restart. */
export const sameSecond = (one: number, other: number): boolean =>
  Math.floor(one / 1000) === Math.floor(other / 1000)

function withoutCondition(
  alert: Alert,
  rule: Pick<AlertRule, 'keepFiringForMs'>,
  at: number,
): Alert | undefined {
  switch (alert.state) {
    case 'pending':
      return undefined
    case 'resolved':
      return at - alert.resolvedAt > RESOLVED_RETENTION_MS ? undefined : alert
    case 'firing': {
      const keepFiringSince = alert.keepFiringSince ?? at
      if (at - keepFiringSince < (rule.keepFiringForMs ?? 0)) return { ...alert, keepFiringSince }
      return { ...alert, state: 'resolved', resolvedAt: at, keepFiringSince: null }
    }
  }
}

/** The identity of an alert: its labels, whatever their order. */
export const alertKey: (labels: Labels) => string = labelsKey

/** The alert's labels: the result's own, then the rule's; a query's label that the rule sets too is kept as `exported_`. */
export function alertLabels(result: Result, rule: AlertRule, group: string): Labels {
  const labels: Record<string, string> = {}
  for (const [name, value] of Object.entries(result.labels))
    if (name !== '__name__') labels[name] = value
  const own = { ...rule.labels, severity: rule.severity, alertname: rule.alert, alertgroup: group }
  for (const [name, value] of Object.entries(own)) {
    const existing = labels[name]
    if (existing !== undefined && existing !== value) labels[`exported_${name}`] = existing
    labels[name] = value
  }
  // An empty value equals an absent label, and receivers compute the fingerprint without it.
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}
