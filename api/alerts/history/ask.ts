import type { Inventory } from '../../../lib/inventory.ts'
import { type Labels, labelsKey } from '../../../lib/labels.ts'
import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { askCourses } from './courses.ts'
import { askDeliveries } from './deliveries.ts'
import { haveWords } from '../words.ts'
import { type Episode, episodesOf } from './episodes.ts'
import { episodesJson } from './json.ts'
import type { EpisodeJson } from './schema.ts'
import type { Selection } from './selection.ts'
import type { HistorySpan } from './span.ts'

export type HistoryQuestion = HistorySpan &
  Selection & {
    /** Only of these; null: of all. */
    readonly branch: ReadonlySet<string> | null
    readonly region: ReadonlySet<string> | null
    /** Of these; undefined: of any. '' is of none. */
    readonly severity?: readonly string[] | undefined
    /** Each must occur in a label, the device's name, its branch or region. */
    readonly words?: readonly string[]
    /** Whether alerts with such labels are the asker's business. */
    readonly isSeen: (labels: Labels) => boolean
    readonly limit: number
    readonly offset: number
  }

type Store = Pick<VictoriaMetrics, 'exportCsv' | 'exportSeries'>

const TIMEOUT_MS = 20_000

/**
 * The times that alerts fired, the newest first, and how many there are: two exports, whatever the fleet's size. Rejects
 * with VictoriaMetricsError.
 */
export async function askAlertHistory(
  store: Store,
  inventory: Inventory,
  question: HistoryQuestion,
  signal: AbortSignal,
): Promise<{
  readonly episodes: EpisodeJson[]
  readonly total: number
  /** The devices that alerts of this time are about, whatever else is asked. */
  readonly named: ReadonlySet<string>
}> {
  const { from, to, limit, offset } = question
  const options = { signal, timeoutMs: TIMEOUT_MS }
  const seen = (await askCourses(store, question, { start: from, end: to }, options)).filter(
    ({ labels }) => question.isSeen(labels),
  )
  const named = new Set(seen.map(({ labels }) => labels['device'] ?? ''))
  const all = seen
    .filter(({ labels }) => isWanted(labels, inventory, question))
    .flatMap((course) => episodesOf(course, to))
  all.sort(newestFirst)
  const page = all.slice(offset, offset + limit)
  const deliveries = await askDeliveries(store, page, to, options)
  return {
    episodes: episodesJson(page, all, { inventory, deliveries, to }),
    total: all.length,
    named,
  }
}

/** Where the device is now decides, as for the alerts that fire. */
function isWanted(
  labels: Labels,
  inventory: Inventory,
  { branch, region, severity, words = [] }: HistoryQuestion,
): boolean {
  if (severity?.includes(labels['severity'] ?? '') === false) return false
  const device = inventory.get(labels['device'] ?? '')
  const place = device ?? { branch: labels['branch'] ?? '', region: labels['region'] ?? '' }
  return (
    (branch?.has(place.branch) ?? true) &&
    (region?.has(place.region) ?? true) &&
    haveWords([device?.name, place.branch, place.region, ...Object.values(labels)], words)
  )
}

const newestFirst = (one: Episode, other: Episode): number =>
  other.start - one.start || (labelsKey(one.labels) < labelsKey(other.labels) ? -1 : 1)
