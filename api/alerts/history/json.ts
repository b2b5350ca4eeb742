import type { Inventory } from '../../../lib/inventory.ts'
import { type Labels, labelsKey } from '../../../lib/labels.ts'
import { ageSeconds, isoOrNull, orNull } from '../../device-json.ts'
import type { Delivery } from '../../explain/csv.ts'
import { placeOf } from '../json.ts'
import type { Deliveries } from './deliveries.ts'
import type { Episode } from './episodes.ts'
import type { EpisodeJson } from './schema.ts'

/** Of one episode, the last so many. */
const MOST_DELIVERIES = 100

/** Episodes as the API tells them. `all` are those that a delivery may be of instead. */
export function episodesJson(
  page: readonly Episode[],
  all: readonly Episode[],
  {
    inventory,
    deliveries,
    to,
  }: { readonly inventory: Inventory; readonly deliveries: Deliveries; readonly to: number },
): EpisodeJson[] {
  const nextStart = nextStarts(all)
  return page.map((episode) => {
    const { labels, start, end } = episode
    const { alertname = '', severity = '' } = labels
    const until = nextStart(episode)
    const told = deliveries(alertname, labels['device'] ?? '').filter(
      ({ at }) => at >= start && at < until,
    )
    return {
      alert: alertname,
      severity: orNull(severity),
      ...placeOf(labels, (id) => inventory.get(id)),
      labels: { ...labels },
      start: new Date(start).toISOString(),
      end: isoOrNull(end),
      duration_seconds: ageSeconds(start, end ?? to) ?? 0,
      notifications: told.slice(-MOST_DELIVERIES).map(deliveryJson),
    }
  })
}

/** What is told after the next time began is of that one. */
function nextStarts(all: readonly Episode[]): (episode: Episode) => number {
  const keys = new Map<Labels, string>()
  const keyOf = (labels: Labels): string => {
    let key = keys.get(labels)
    if (key === undefined) keys.set(labels, (key = labelsKey(labels)))
    return key
  }
  const starts = Map.groupBy(all, ({ labels }) => keyOf(labels))
  return ({ labels, start }) =>
    (starts.get(keyOf(labels)) ?? []).reduce(
      (next, other) => (other.start > start ? Math.min(next, other.start) : next),
      Infinity,
    )
}

const deliveryJson = ({
  at,
  receiver,
  result,
  reason,
  seconds,
}: Delivery): EpisodeJson['notifications'][number] => ({
  at: new Date(at).toISOString(),
  receiver,
  result,
  reason,
  seconds,
})
