import type { Labels } from '../lib/labels.ts'
import type { Point, VictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Alert, alertKey, sameSecond } from './alert.ts'
import { KEEP_FIRING_SINCE } from './alert-series.ts'
import { type Delivered, readDelivered, withTheirStarts } from './notify/delivered.ts'
import type { ToldAlert } from './notify/notification.ts'
import type { LiveSeries } from './series.ts'

export const LAST_EVALUATION = 'wardline_group_last_evaluation_timestamp_seconds'

/** What earlier processes left alive in VictoriaMetrics. */
export type Left = {
  readonly alerts: readonly Alert[]
  readonly series: readonly LiveSeries[]
  /** Who had which of the alerts. */
  readonly delivered: readonly Delivered[]
  /** When a group was last evaluated, by `stampKey`. */
  readonly lastEvaluations: ReadonlyMap<string, number>
}

export type GroupName = { readonly name: string; readonly file: string }

export const stampKey = ({ name, file }: GroupName): string => JSON.stringify([name, file])

/** Labels that name a group in its last evaluation. */
export const stampLabels = ({ name, file }: GroupName): Labels =>
  file === '' ? { group: name } : { group: name, file }

/**
 * What groups left: the series of their last evaluation without a stale marker since. `groups` are those that go on; of
 * others only what still shows.
 */
export async function readLeft(
  victoriaMetrics: VictoriaMetrics,
  groups: readonly GroupName[],
  now: number,
  signal: AbortSignal,
): Promise<Left> {
  const lastEvaluations = await readLastEvaluations(victoriaMetrics, now, signal)
  const goingOn = new Set(groups.map(stampKey))
  const namesAt = new Map<number, Set<string>>()
  for (const [key, lastAt] of lastEvaluations) {
    if (!goingOn.has(key) && now - lastAt > LOOK_BACK_MS) continue
    const [name = ''] = JSON.parse(key) as string[]
    const at = justAfter(lastAt, now)
    namesAt.set(at, (namesAt.get(at) ?? new Set()).add(name))
  }
  const series = new Map<string, LiveSeries>()
  for (const [at, names] of [...namesAt].sort(([one], [other]) => one - other)) {
    const expr = `{__name__=~"ALERTS|ALERTS_FOR_STATE|${KEEP_FIRING_SINCE}"}`
    for (const point of await victoriaMetrics.query(expr, { at, signal })) {
      if (!names.has(point.labels['alertgroup'] ?? '')) continue
      const one = toSeries(point)
      series.set(`${one.name} ${alertKey(one.labels)}`, one)
    }
  }
  const alerts = alertsOf([...series.values()])
  const delivered = await readDelivered(victoriaMetrics, alerts, now, signal)
  return {
    alerts: withTheirStarts(alerts, delivered),
    series: [...series.values()],
    delivered,
    lastEvaluations,
  }
}

/** The series of `names` that a group left. */
export async function readLeftSeries(
  victoriaMetrics: VictoriaMetrics,
  names: readonly string[],
  group: string,
  now: number,
  signal: AbortSignal,
): Promise<LiveSeries[]> {
  const last = await readLastEvaluations(victoriaMetrics, now, signal)
  const lastAt = last.get(stampKey({ name: group, file: '' }))
  if (lastAt === undefined) return []
  const at = justAfter(lastAt, now)
  const points = await victoriaMetrics.query(`{__name__=~"${names.join('|')}"}`, { at, signal })
  return points.map(toSeries)
}

async function readLastEvaluations(
  victoriaMetrics: VictoriaMetrics,
  now: number,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  // All groups: VictoriaMetrics remembers for 10 s that a series which is asked for by its labels was not there.
  const stamps = await victoriaMetrics.query(
    `max by (group, file) (last_over_time(${LAST_EVALUATION}[40d]))`,
    { at: now, signal },
  )
  return new Map(
    stamps.map(({ labels: { group = '', file = '' }, value }) => [
      stampKey({ name: group, file }),
      value * 1000,
    ]),
  )
}

/** A bare selector shows a series for this long after its last sample. */
const LOOK_BACK_MS = 300_000

/** Within so much after its last evaluation all that a group left still shows: it was written again every minute. */
const STILL_SHOWN_MS = 60_000

/**
 * An instant after the end of a group's last process, at which that still shows what it left. Not its last evaluation
 * itself: it may have ended in the middle of the next one, with half of it written.
 */
const justAfter = (lastAt: number, now: number): number => Math.min(now, lastAt + STILL_SHOWN_MS)

/**
 * The alerts that go on: what was told counts as firing, for it owes a resolution. An occurrence that is newer than the
 * one a receiver was told of goes before it.
 */
export function goingOn(left: readonly Alert[], told: readonly ToldAlert[]): Alert[] {
  const alerts = new Map(left.map((alert) => [alert.key, alert]))
  for (const { revisedAt: _, ...alert } of told) {
    const known = alerts.get(alert.key)
    const isSame = known !== undefined && sameSecond(known.activeAt, alert.activeAt)
    if (known !== undefined && !isSame && known.activeAt > alert.activeAt) continue
    const keepFiringSince = isSame ? known.keepFiringSince : null
    alerts.set(alert.key, {
      ...alert,
      state: 'firing',
      resolvedAt: 0,
      keepFiringSince,
      restored: true,
    })
  }
  return [...alerts.values()]
}

function alertsOf(series: readonly LiveSeries[]): Alert[] {
  const activeAt = new Map<string, number>()
  const keepFiringSince = new Map<string, number>()
  for (const { name, labels, value } of series) {
    if (name === 'ALERTS_FOR_STATE') activeAt.set(alertKey(labels), value * 1000)
    if (name === KEEP_FIRING_SINCE) keepFiringSince.set(alertKey(labels), value * 1000)
  }
  const alerts = new Map<string, Alert>()
  for (const { name, labels } of series) {
    if (name !== 'ALERTS') continue
    const { alertstate, ...own } = labels
    const key = alertKey(own)
    const since = activeAt.get(key)
    // A process that ended between a sample and a stale marker leaves two states: it had begun to fire.
    if (since === undefined || alerts.get(key)?.state === 'firing') continue
    const firing = alertstate === 'firing'
    alerts.set(key, {
      key,
      groupId: '',
      ruleId: '',
      labels: own,
      annotations: {},
      value: 1,
      revision: '',
      state: firing ? 'firing' : 'pending',
      activeAt: since,
      startsAt: firing ? since : 0,
      resolvedAt: 0,
      keepFiringSince: keepFiringSince.get(key) ?? null,
      restored: true,
    })
  }
  return [...alerts.values()]
}

function toSeries({ labels: { __name__: name = '', ...labels }, value }: Point): LiveSeries {
  return { name, labels, value }
}
