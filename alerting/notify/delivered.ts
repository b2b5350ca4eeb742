import type { Labels } from '../../lib/labels.ts'
import type { Point, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Alert } from '../alert.ts'
import { FIRST_DELIVERY } from './delivery-series.ts'

/** A receiver that had an alert, as the history of deliveries says, and since when that fires, to the millisecond. */
export type Delivered = {
  readonly receiver: string
  readonly key: string
  readonly startsAt: number
}

const MOST_DAYS = 40

/** Who had which of these alerts: whatever the notification log knows of it, VictoriaMetrics has it too. */
export async function readDelivered(
  victoriaMetrics: VictoriaMetrics,
  alerts: readonly Alert[],
  now: number,
  signal: AbortSignal,
): Promise<Delivered[]> {
  const firing = alerts.filter(({ state }) => state === 'firing')
  if (firing.length === 0) return []
  const since = firing.reduce((first, { activeAt }) => Math.min(first, activeAt), now)
  const seconds = Math.min(Math.ceil((now - since) / 1000) + 1, MOST_DAYS * 86_400)
  const last = `${FIRST_DELIVERY}[${seconds}s]`
  const began = `tlast_over_time(${last}) - last_over_time(${last})`
  return deliveredOf(firing, await victoriaMetrics.query(began, { at: now, signal }))
}

/**
 * `began` holds when what a receiver had last began, in seconds. It names the rule and the device alone: where several
 * alerts have both, nobody can tell which of them it was.
 */
export function deliveredOf(firing: readonly Alert[], began: readonly Point[]): Delivered[] {
  const named = Map.groupBy(firing, ({ labels }) => nameOf(labels))
  return began.flatMap(({ labels, value }) => {
    const [alert, ...others] = named.get(nameOf(labels)) ?? []
    const startsAt = Math.round(value * 1000)
    if (alert === undefined || others.length > 0 || startsAt < alert.activeAt) return []
    return [{ receiver: labels['receiver'] ?? '', key: alert.key, startsAt }]
  })
}

/** The alerts as they were told: ALERTS knows to the second since when a condition holds, and not since when they fire. */
export function withTheirStarts(
  alerts: readonly Alert[],
  delivered: readonly Delivered[],
): readonly Alert[] {
  const starts = new Map(delivered.map(({ key, startsAt }) => [key, startsAt]))
  return alerts.map((alert) => ({ ...alert, startsAt: starts.get(alert.key) ?? alert.startsAt }))
}

const nameOf = ({ alertname = '', device = '' }: Labels): string =>
  JSON.stringify([alertname, device])
