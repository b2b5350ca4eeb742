import { isCanary } from '../../lib/canary.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Alert } from '../alert.ts'
import type { LiveSeries } from '../series.ts'
import { type AlertStore, type Tracked, fingerprintOf } from './alert-store.ts'
import type { Lane } from './lane.ts'
import { ROOT_KEY } from './group-key.ts'
import { type Situation, acknowledgementOf, heldForAll, heldOnRoute } from './stages.ts'
import type { Suppression } from './suppression.ts'

/** What the notifier knows, for whoever shows it; the canary is for nobody. */
export type NotifierView = {
  readonly alerts: readonly ViewedAlert[]
  readonly groups: readonly ViewedGroup[]
}

export type ViewedAlert = {
  readonly alert: Alert
  readonly fingerprint: string
  /** Those that are told of it, now or once nothing holds it back. */
  readonly receivers: readonly string[]
  readonly suppressions: readonly Suppression[]
}

export type ViewedGroup = {
  readonly receiver: string
  readonly routeKey: string
  readonly groupKey: string
  readonly groupLabels: Labels
  readonly alerts: readonly Alert[]
}

export function viewOf(
  store: AlertStore,
  lanes: readonly Lane[],
  situation: Situation,
): NotifierView {
  const firing = [...store.all()].filter(
    ({ alert }) => alert.state === 'firing' && !isCanary(alert.labels),
  )
  return {
    alerts: firing.map((tracked) => ({
      alert: tracked.alert,
      fingerprint: fingerprintOf(tracked),
      receivers: lanes
        .filter((lane) => lane.joined(tracked.alert.key).length > 0)
        .map(({ receiver }) => receiver.name),
      suppressions: suppressionsOf(tracked, lanes, situation),
    })),
    groups: lanes.flatMap(({ receiver, lines }) =>
      [...lines()]
        .filter(({ entry, members }) => members.size > 0 && !isCanary(entry.groupLabels))
        .map(({ key, entry, destination, members }) => ({
          receiver: receiver.name,
          routeKey: destination?.routeKey ?? ROOT_KEY,
          groupKey: key,
          groupLabels: entry.groupLabels,
          alerts: [...members.values()].map(({ alert }) => alert),
        })),
    ),
  }
}

/** All that holds an alert back somewhere, each cause once. */
function suppressionsOf(
  tracked: Tracked,
  lanes: readonly Lane[],
  situation: Situation,
): readonly Suppression[] {
  const found = [...heldForAll(tracked, situation)]
  for (const lane of lanes)
    for (const { destination } of lane.joined(tracked.alert.key))
      if (destination !== null) found.push(...heldOnRoute(tracked, destination, situation))
  const acknowledged = acknowledgementOf(tracked, situation)
  if (acknowledged !== null) found.push(acknowledged.suppression)
  if (found.length < 2) return found
  return [...new Map(found.map((one) => [`${one.by} ${one.cause}`, one])).values()]
}

/** Labels stay the same objects while they are held, so that who writes them computes their key once. */
export type HeldSeries = (
  store: AlertStore,
  lanes: readonly Lane[],
  situation: Situation,
) => LiveSeries[]

export const HELD = 'wardline_alert_held'

/** `wardline_alert_held`: each firing alert that something holds back, with the cause. Waiting to escalate isn't that. */
export function createHeldSeries(): HeldSeries {
  const kept = new WeakMap<Tracked, Map<string, Labels>>()

  function labelsOf(tracked: Tracked, { by, cause }: Suppression): Labels {
    let known = kept.get(tracked)
    if (known === undefined) kept.set(tracked, (known = new Map()))
    let labels = known.get(`${by} ${cause}`)
    if (labels === undefined) {
      const { alertname = '', device = '', branch = '', region = '' } = tracked.alert.labels
      labels = { alertname, device, branch, region, by, cause }
      known.set(`${by} ${cause}`, labels)
    }
    return labels
  }

  return (store, lanes, situation) => {
    const series = new Map<string, LiveSeries>()
    for (const tracked of store.all()) {
      if (tracked.alert.state !== 'firing' || isCanary(tracked.alert.labels)) continue
      for (const suppression of suppressionsOf(tracked, lanes, situation)) {
        if (suppression.by === 'escalation') continue
        const labels = labelsOf(tracked, suppression)
        const { alertname, device, branch, region, by, cause } = labels
        const key = [alertname, device, branch, region, by, cause].join('\u0000')
        series.set(key, { name: HELD, labels, value: 1 })
      }
    }
    return [...series.values()]
  }
}
