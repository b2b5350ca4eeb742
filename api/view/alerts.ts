import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Vector } from '../../lib/victoriametrics.ts'

/** An alert as alerting wrote it. `activeAt` is Unix milliseconds; `device` is null for one about wardline itself. */
export type Alert = {
  readonly name: string
  readonly severity: string | null
  readonly state: 'pending' | 'firing'
  readonly device: string | null
  readonly activeAt: number | null
  readonly labels: Labels
}

const SEVERITIES = ['critical', 'high', 'warning', 'medium', 'low', 'info']

/** The alerts of `ALERTS` with the start that `ALERTS_FOR_STATE` has for them: the worst and oldest first. */
export function readAlerts(vector: Vector): Alert[] {
  const activeAt = new Map<string, number>()
  for (const { labels, value } of vector) {
    if (labels['__name__'] !== 'ALERTS_FOR_STATE' || !Number.isFinite(value)) continue
    activeAt.set(labelsKey(identity(labels)), Math.round(value * 1000))
  }
  const alerts = new Map<string, Alert>()
  for (const { labels } of vector) {
    const state = labels['alertstate']
    if (labels['__name__'] !== 'ALERTS' || (state !== 'firing' && state !== 'pending')) continue
    const own = identity(labels)
    const key = labelsKey(own)
    // Within one window an alert may have been both; it never goes back from firing to pending.
    if (state === 'pending' && alerts.has(key)) continue
    alerts.set(key, {
      name: labels['alertname'] ?? '',
      severity: labels['severity'] ?? null,
      state,
      device: labels['device'] ?? null,
      activeAt: activeAt.get(key) ?? null,
      labels: own,
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

function identity(labels: Labels): Labels {
  const { __name__: _name, alertstate: _state, ...own } = labels
  return own
}
