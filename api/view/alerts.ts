import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Vector } from '../../lib/victoriametrics.ts'

/** An alert as alerting wrote it. `activeAt` is Unix milliseconds; `device` is null for one about wardline itself. */
export type Alert = {
  readonly name: string
  readonly severity: string | null
  readonly state: 'pending' | 'firing'
  readonly device: string | null
  readonly activeAt: number | null
  /** The same object in each view, while the series is the same. */
  readonly labels: Labels
  /** Why it isn't told now, or not told again; empty for one that is pending. */
  readonly held: readonly Held[]
}

/** `by`: `silence`, `maintenance`, `parent` …; `cause`: an id, a name, a fingerprint. */
export type Held = { readonly by: string; readonly cause: string }

const SEVERITIES = ['critical', 'high', 'warning', 'medium', 'low', 'info']

/**
 * The alerts of `ALERTS` with the start that `ALERTS_FOR_STATE` has for them, and what `wardline_alert_held` says of them:
 * the worst and oldest first.
 */
export function readAlerts(vector: Vector): Alert[] {
  const activeAt = new Map<string, number>()
  const held = new Map<string, Held[]>()
  for (const { labels, value } of vector) {
    if (labels['__name__'] === 'wardline_alert_held') {
      const { by = '', cause = '' } = labels
      const key = heldKey(labels)
      held.set(key, [...(held.get(key) ?? []), { by, cause }])
    }
    if (labels['__name__'] !== 'ALERTS_FOR_STATE' || !Number.isFinite(value)) continue
    activeAt.set(identity(labels).key, Math.round(value * 1000))
  }
  const alerts = new Map<string, Alert>()
  for (const { labels } of vector) {
    const state = labels['alertstate']
    if (labels['__name__'] !== 'ALERTS' || (state !== 'firing' && state !== 'pending')) continue
    const { own, key } = identity(labels)
    // Within one window an alert may have been both; it never goes back from firing to pending.
    if (state === 'pending' && alerts.has(key)) continue
    alerts.set(key, {
      name: labels['alertname'] ?? '',
      severity: labels['severity'] ?? null,
      state,
      device: labels['device'] ?? null,
      activeAt: activeAt.get(key) ?? null,
      labels: own,
      held: (state === 'firing' ? held.get(heldKey(own)) : undefined) ?? NOT_HELD,
    })
  }
  return [...alerts.values()].sort(
    (a, b) =>
      severityRank(a.severity) - severityRank(b.severity) ||
      (a.activeAt ?? Infinity) - (b.activeAt ?? Infinity) ||
      (a.device ?? '').localeCompare(b.device ?? ''),
  )
}

/** 0 is the worst; severities that nobody knows come last. */
export function severityRank(severity: string | null): number {
  const rank = SEVERITIES.indexOf(severity ?? '')
  return rank === -1 ? SEVERITIES.length : rank
}

const NOT_HELD: readonly Held[] = []

/** The labels that a series of `wardline_alert_held` has of its alert. */
const heldKey = ({ alertname = '', device = '', branch = '', region = '' }: Labels): string =>
  [alertname, device, branch, region].join('\u0000')

type Identity = { readonly own: Labels; readonly key: string }

// Queries give the labels of a series that they gave before as the same object.
const identities = new WeakMap<Labels, Identity>()

function identity(labels: Labels): Identity {
  let known = identities.get(labels)
  if (known === undefined) {
    const { __name__: _name, alertstate: _state, ...own } = labels
    identities.set(labels, (known = { own, key: labelsKey(own) }))
  }
  return known
}
