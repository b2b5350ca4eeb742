import type { Labels } from '../lib/labels.ts'
import type { Point, VictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Alert, alertKey } from './alert.ts'
import type { AlertStates } from './evaluate.ts'
import type { ToldAlert } from './notify/notification.ts'
import type { LiveSeries } from './series.ts'

export const LAST_EVALUATION = 'wardline_group_last_evaluation_timestamp_seconds'

/** What an earlier process left alive in VictoriaMetrics. */
export type Left = { readonly alerts: readonly Alert[]; readonly series: readonly LiveSeries[] }

/** The alerts and series that a group left: those of its last evaluation without a stale marker since. */
export async function readLeft(
  victoriaMetrics: VictoriaMetrics,
  group: string,
  now: number,
  signal: AbortSignal,
): Promise<Left> {
  const at = await justAfterEnd(victoriaMetrics, group, now, signal)
  if (at === null) return { alerts: [], series: [] }
  const all = await victoriaMetrics.query('{__name__=~"ALERTS|ALERTS_FOR_STATE"}', { at, signal })
  const points = all.filter(({ labels }) => labels['alertgroup'] === group)
  return { alerts: alertsOf(points), series: points.map(toSeries) }
}

/** The series of `names` that a group left. */
export async function readLeftSeries(
  victoriaMetrics: VictoriaMetrics,
  names: readonly string[],
  group: string,
  now: number,
  signal: AbortSignal,
): Promise<LiveSeries[]> {
  const at = await justAfterEnd(victoriaMetrics, group, now, signal)
  if (at === null) return []
  const points = await victoriaMetrics.query(`{__name__=~"${names.join('|')}"}`, { at, signal })
  return points.map(toSeries)
}

/** Within so much after its last evaluation all that a process left still shows: it was written again every minute. */
const STILL_SHOWN_MS = 60_000

/**
 * An instant after the end of a group's last process, at which that still shows what it left. Not its last evaluation
 * itself: it may have ended in the middle of the next one, with half of it written.
 */
async function justAfterEnd(
  victoriaMetrics: VictoriaMetrics,
  group: string,
  now: number,
  signal: AbortSignal,
): Promise<number | null> {
  // All groups: VictoriaMetrics remembers for 10 s that a series which is asked for by its labels was not there.
  const stamps = await victoriaMetrics.query(
    `max by (group) (last_over_time(${LAST_EVALUATION}[40d]))`,
    { at: now, signal },
  )
  const last = stamps.find(({ labels }) => labels['group'] === group)
  return last === undefined ? null : Math.min(now, last.value * 1000 + STILL_SHOWN_MS)
}

/**
 * The state that alerts go on from: what was told counts as firing, for it owes a resolution. An occurrence that is
 * newer than the one a receiver was told of goes before it.
 */
export function restoreStates(left: readonly Alert[], told: readonly ToldAlert[]): AlertStates {
  const states: AlertStates = new Map()
  const put = (alert: Alert): void => {
    const rule = alert.labels['alertname'] ?? ''
    const alerts = states.get(rule) ?? new Map<string, Alert>()
    states.set(rule, alerts.set(alert.key, alert))
  }
  for (const alert of left) put(alert)
  for (const alert of told) {
    const known = states.get(alert.labels['alertname'] ?? '')?.get(alert.key)
    if (known !== undefined && isNewer(known, alert)) continue
    put({ ...alert, state: 'firing', resolvedAt: 0, keepFiringSince: null })
  }
  return states
}

/** By the second, which is what ALERTS_FOR_STATE keeps. */
const isNewer = (one: Alert, other: ToldAlert): boolean =>
  Math.floor(one.activeAt / 1000) > Math.floor(other.activeAt / 1000)

function alertsOf(points: readonly Point[]): Alert[] {
  const activeAt = new Map<string, number>()
  for (const { labels, value } of points) {
    if (labels['__name__'] === 'ALERTS_FOR_STATE')
      activeAt.set(alertKey(plain(labels)), value * 1000)
  }
  return points
    .filter(({ labels }) => labels['__name__'] === 'ALERTS')
    .map(({ labels, at }) => {
      const { alertstate, ...own } = plain(labels)
      const key = alertKey(own)
      const since = activeAt.get(key) ?? at
      const firing = alertstate === 'firing'
      return {
        key,
        labels: own,
        annotations: {},
        value: 1,
        state: firing ? 'firing' : 'pending',
        activeAt: since,
        startsAt: firing ? since : 0,
        resolvedAt: 0,
        keepFiringSince: null,
      }
    })
}

const toSeries = ({ labels, value }: Point): LiveSeries => ({
  name: labels['__name__'] ?? '',
  labels: plain(labels),
  value,
})

function plain(labels: Labels): Labels {
  const { __name__: _, ...rest } = labels
  return rest
}
