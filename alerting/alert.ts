import { type Labels, labelsKey } from '../lib/labels.ts'

/** One series of one alerting rule and its state. Instants are Unix milliseconds. */
export type Alert = {
  /** Identity: all labels, `alertname` and `alertgroup` among them. */
  readonly key: string
  readonly groupId: string
  readonly ruleId: string
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
  /** What a receiver is told again of when it differs; empty unless the rule has one. */
  readonly revision: string
  readonly state: 'pending' | 'firing' | 'resolved'
  readonly activeAt: number
  /** When it began to fire; 0 while pending. */
  readonly startsAt: number
  /** When it was resolved; 0 before that. */
  readonly resolvedAt: number
  /** First evaluation in which a firing alert's condition was absent; null while it is present. */
  readonly keepFiringSince: number | null
  /** Whether an earlier process began it. */
  readonly restored?: true
}

/** Resolved alerts stay visible for this long. */
const RESOLVED_RETENTION_MS = 15 * 60_000

/** A result of a rule under the labels of its alert. */
export type AlertInput = {
  readonly key: string
  readonly labels: Labels
  readonly value: number
  /** When the condition began, where the rule knows that. */
  readonly since?: number
}

export type AlertTiming = {
  readonly groupId: string
  readonly ruleId: string
  readonly forMs: number
  readonly keepFiringForMs: number
}

/**
 * One evaluation further, with vmalert's semantics: a condition that holds makes an alert pending and, once it held
 * for `forMs`, firing (at once when that is 0); a pending alert that misses one evaluation is gone; a firing one is
 * resolved, or kept firing for `keepFiringForMs`. Texts are those of the previous evaluation.
 */
export function advanceAlert(
  previous: Alert | undefined,
  input: AlertInput | undefined,
  timing: AlertTiming,
  at: number,
): Alert | undefined {
  if (input === undefined)
    return previous === undefined ? undefined : withoutCondition(previous, timing, at)
  const before = isSameOccurrence(previous, input) ? previous : undefined
  const activeAt = before?.activeAt ?? input.since ?? at
  const fires = before?.state === 'firing' || at - activeAt >= timing.forMs
  return {
    key: input.key,
    groupId: timing.groupId,
    ruleId: timing.ruleId,
    // The same object, as long as the alert lasts: what was made of it is found by it.
    labels: before?.labels ?? input.labels,
    annotations: before?.annotations ?? {},
    value: input.value,
    revision: before?.revision ?? '',
    state: fires ? 'firing' : 'pending',
    activeAt,
    startsAt: before?.state === 'firing' ? before.startsAt : fires ? (input.since ?? at) : 0,
    resolvedAt: 0,
    keepFiringSince: null,
    ...(before?.restored === true ? { restored: true } : {}),
  }
}

export const isActive = (alert: Alert | undefined): alert is Alert =>
  alert !== undefined && alert.state !== 'resolved'

/** A condition that began anew, while nobody looked or after a resolution, is another occurrence. */
function isSameOccurrence(alert: Alert | undefined, { since }: AlertInput): boolean {
  return isActive(alert) && (since === undefined || sameSecond(alert.activeAt, since))
}

/** To the second: that is what ALERTS_FOR_STATE keeps over a restart. */
export const sameSecond = (one: number, other: number): boolean =>
  Math.floor(one / 1000) === Math.floor(other / 1000)

function withoutCondition(
  alert: Alert,
  { groupId, ruleId, keepFiringForMs }: AlertTiming,
  at: number,
): Alert | undefined {
  switch (alert.state) {
    case 'pending':
      return undefined
    case 'resolved':
      return at - alert.resolvedAt > RESOLVED_RETENTION_MS ? undefined : alert
    case 'firing': {
      const since = alert.keepFiringSince ?? at
      const keeps = at - since < keepFiringForMs
      if (keeps) return { ...alert, groupId, ruleId, keepFiringSince: since }
      return {
        ...alert,
        groupId,
        ruleId,
        state: 'resolved',
        resolvedAt: at,
        keepFiringSince: null,
      }
    }
  }
}

/** The identity of an alert: its labels, whatever their order. */
export const alertKey: (labels: Labels) => string = labelsKey
