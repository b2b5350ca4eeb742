import type { Labels } from '../../lib/labels.ts'
import { type Matcher, compileMatchers } from '../../lib/matchers.ts'
import type { Alert } from '../alert.ts'

/** What the notifier does with an alert, as far as this API tells it: a part of its NotifierView. */
export type ViewedAlert = {
  readonly alert: Pick<Alert, 'key' | 'labels' | 'annotations' | 'state' | 'startsAt'>
  readonly fingerprint: string
  readonly receivers: readonly string[]
  readonly suppressions: readonly { readonly by: string; readonly cause: string }[]
}

export type ViewedGroup = {
  readonly receiver: string
  readonly groupLabels: Labels
  readonly alerts: readonly Pick<Alert, 'key'>[]
}

export type AlertsView = {
  readonly alerts: readonly ViewedAlert[]
  readonly groups: readonly ViewedGroup[]
}

export type AlertFilter = {
  readonly matchers: readonly Matcher[]
  readonly active: boolean
  /** By a silence, or by what Alertmanager would have one for: maintenance, a time interval. */
  readonly silenced: boolean
  readonly inhibited: boolean
  readonly receiver: ((name: string) => boolean) | null
}

/** Alertmanager ends an alert that isn't sent to it again; what it shows meanwhile is this far away. */
const ENDS_IN_MS = 300_000

/** The firing alerts that are asked for, by fingerprint. */
export function alertsJson(
  alerts: readonly ViewedAlert[],
  filter: AlertFilter,
  parts: JsonParts,
): object[] {
  return alerts
    .filter(({ receivers }) => filter.receiver === null || receivers.some(filter.receiver))
    .filter(isWanted(filter))
    .sort((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1))
    .map((alert) => alertJson(alert, parts))
}

/** Groups without an alert that is asked for aren't told. */
export function groupsJson(
  { alerts: all, groups }: AlertsView,
  filter: AlertFilter,
  parts: JsonParts,
): object[] {
  const { receiver, ...rest } = filter
  const byKey = new Map(all.map((viewed) => [viewed.alert.key, viewed]))
  const viewed = ({ key }: Pick<Alert, 'key'>): ViewedAlert[] => {
    const found = byKey.get(key)
    return found === undefined ? [] : [found]
  }
  return groups
    .filter((group) => receiver === null || receiver(group.receiver))
    .map((group) => ({
      alerts: alertsJson(group.alerts.flatMap(viewed), { ...rest, receiver: null }, parts),
      labels: group.groupLabels,
      receiver: { name: group.receiver },
    }))
    .filter(({ alerts }) => alerts.length > 0)
}

export type JsonParts = {
  readonly at: number
  readonly generatorUrl: (labels: Labels) => string
}

function isWanted(filter: AlertFilter): (alert: ViewedAlert) => boolean {
  const matches = compileMatchers(filter.matchers)
  return (viewed) => {
    if (viewed.alert.state !== 'firing' || !matches(viewed.alert.labels)) return false
    const { state, silencedBy, inhibitedBy, mutedBy } = statusOf(viewed)
    if (!filter.active && state === 'active') return false
    if (!filter.silenced && silencedBy.length + mutedBy.length > 0) return false
    return filter.inhibited || inhibitedBy.length === 0
  }
}

function alertJson(viewed: ViewedAlert, { at, generatorUrl }: JsonParts): object {
  const { alert, fingerprint, receivers } = viewed
  return {
    annotations: alert.annotations,
    endsAt: new Date(at + ENDS_IN_MS).toISOString(),
    fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: new Date(alert.startsAt).toISOString(),
    status: statusOf(viewed),
    updatedAt: new Date(at).toISOString(),
    generatorURL: generatorUrl(alert.labels),
    labels: alert.labels,
  }
}

/** What was acknowledged or waits for its escalation was told: it is active still. */
function statusOf({ suppressions }: ViewedAlert): {
  state: 'active' | 'suppressed'
  silencedBy: string[]
  inhibitedBy: string[]
  mutedBy: string[]
} {
  const causes = (...kinds: readonly string[]): string[] => [
    ...new Set(suppressions.filter(({ by }) => kinds.includes(by)).map(({ cause }) => cause)),
  ]
  const silencedBy = causes('silence')
  const inhibitedBy = causes('inhibition', 'parent')
  const mutedBy = causes('maintenance', 'time-interval')
  const isHeld = silencedBy.length + inhibitedBy.length + mutedBy.length > 0
  return { state: isHeld ? 'suppressed' : 'active', silencedBy, inhibitedBy, mutedBy }
}
