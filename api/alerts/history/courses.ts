import type { ExportedSeries } from '../../../lib/export-series.ts'
import { type Labels, labelsKey } from '../../../lib/labels.ts'
import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'
import type { Course } from './episodes.ts'
import { type Selection, selectorOf } from './selection.ts'

type Store = Pick<VictoriaMetrics, 'exportSeries'>

/**
 * What is stored of the alerts that fired between two instants: one export, of which little is kept. Rejects with
 * VictoriaMetricsError.
 */
export async function askCourses(
  store: Store,
  selection: Selection,
  range: { readonly start: number; readonly end: number },
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Course[]> {
  // ALERTS_FOR_STATE has no such label.
  const match = `{__name__=~"ALERTS|ALERTS_FOR_STATE",alertstate!="pending"${selectorOf(selection)}}`
  const courses = createCourses()
  await store.exportSeries(match, range, courses.add, options)
  return courses.all()
}

type Draft = {
  readonly labels: Labels
  readonly firing: { from: number; to: number }[]
  readonly ended: number[]
  readonly starts: { at: number; start: number }[]
}

/** Gathers the series of alerts; what comes in several parts comes in the order of time. */
export function createCourses(): { add(series: ExportedSeries): void; all(): Course[] } {
  const drafts = new Map<string, Draft>()
  return {
    add(series) {
      const { __name__: name, alertstate: _state, ...labels } = series.labels
      const key = labelsKey(labels)
      let draft = drafts.get(key)
      if (draft === undefined)
        drafts.set(key, (draft = { labels, firing: [], ended: [], starts: [] }))
      for (const { value, index, count } of series.runs()) {
        const from = series.stampAt(index)
        if (name === 'ALERTS_FOR_STATE') {
          if (!Number.isNaN(value)) draft.starts.push({ at: from, start: Math.round(value * 1000) })
        } else if (Number.isNaN(value)) draft.ended.push(from)
        else draft.firing.push({ from, to: series.stampAt(index + count - 1) })
      }
    },
    all: () => [...drafts.values()].filter(({ firing }) => firing.length > 0),
  }
}
