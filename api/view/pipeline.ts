import type { Vector } from '../../lib/victoriametrics.ts'
import { type Delivery, readDelivery } from './delivery.ts'

export type KindFigures = { active: number; reserved: number; scheduled: number; missed: number }

/** What one collector says of itself. Instants are Unix milliseconds; null where it didn't say. */
export type CollectorFigures = {
  readonly name: string
  readonly kinds: ReadonlyMap<string, Readonly<KindFigures>>
  readonly lagSeconds: number | null
  readonly storedRatio: number | null
  readonly bufferBytes: number | null
  /** When its ping loop last did its work. */
  readonly lastSuccessAt: number | null
}

/** How the services that make the data are doing. */
export type Pipeline = {
  readonly collectors: readonly CollectorFigures[]
  /** When the rules that make statuses were last evaluated. */
  readonly lastEvaluationAt: number | null
  /** Ping samples stored ÷ due over 10 minutes: the worst collector's. */
  readonly storedRatio: number | null
  readonly delivery: Delivery
}

/** The loop of the rule group that says which device is up. */
const STATUS_LOOP = 'group:availability'

const KIND_FIGURES: Readonly<Record<string, keyof KindFigures>> = {
  wardline_collector_in_flight: 'active',
  wardline_collector_due: 'reserved',
  wardline_collector_targets: 'scheduled',
  wardline_slots_missed_total: 'missed',
}

/** Reads wardline's own series (contracts of the collector's and alerting's /metrics). */
export function readPipeline(own: Vector): Pipeline {
  const collectors = new Map<string, Draft>()
  let lastEvaluationAt: number | null = null
  for (const { labels, value } of own) {
    if (!Number.isFinite(value)) continue
    const metric = labels['__name__'] ?? ''
    const loop = labels['loop']
    if (loop === STATUS_LOOP) {
      lastEvaluationAt = Math.max(lastEvaluationAt ?? 0, Math.round(value * 1000))
    }
    if (loop !== undefined && loop !== 'ping') continue
    const name = labels['instance'] ?? ''
    let draft = collectors.get(name)
    if (draft === undefined) collectors.set(name, (draft = emptyDraft(name)))
    note(draft, metric, labels['kind'] ?? '', value)
  }
  const list = [...collectors.values()]
    // Alerting has a writer too.
    .filter(({ kinds, lastSuccessAt }) => kinds.size > 0 || lastSuccessAt !== null)
    .sort((a, b) => a.name.localeCompare(b.name))
  const ratios = list.flatMap(({ storedRatio }) => (storedRatio === null ? [] : [storedRatio]))
  return {
    collectors: list,
    lastEvaluationAt,
    storedRatio: ratios.length === 0 ? null : Math.min(...ratios),
    delivery: readDelivery(own),
  }
}

type Draft = { -readonly [K in keyof Omit<CollectorFigures, 'kinds'>]: CollectorFigures[K] } & {
  kinds: Map<string, KindFigures>
}

function emptyDraft(name: string): Draft {
  return {
    name,
    kinds: new Map(),
    lagSeconds: null,
    storedRatio: null,
    bufferBytes: null,
    lastSuccessAt: null,
  }
}

function note(draft: Draft, metric: string, kind: string, value: number): void {
  const figure = KIND_FIGURES[metric]
  if (figure !== undefined) {
    const figures = draft.kinds.get(kind) ?? { active: 0, reserved: 0, scheduled: 0, missed: 0 }
    figures[figure] = Math.max(0, Math.round(value))
    draft.kinds.set(kind, figures)
  } else if (metric === 'wardline_slot_lag_seconds') {
    draft.lagSeconds = Math.max(draft.lagSeconds ?? 0, value)
  } else if (metric === 'wardline_samples_stored_ratio') {
    draft.storedRatio = Math.min(1, Math.max(0, value))
  } else if (metric === 'wardline_writer_buffer_bytes') {
    draft.bufferBytes = Math.max(0, Math.round(value))
  } else if (metric === 'wardline_loop_last_success_timestamp_seconds') {
    draft.lastSuccessAt = Math.max(draft.lastSuccessAt ?? 0, Math.round(value * 1000))
  }
}
