import { isoOrNull } from './device-json.ts'
import type { QueuesJson, WorkerJson } from './queues-schema.ts'
import type { View } from './view/build.ts'
import type { CollectorFigures } from './view/pipeline.ts'

/** A collector whose ping loop hasn't turned for this long is late. */
const LATE_MS = 30_000

/** The scheduler as the collectors report it: probes under way, due in the last slot, and planned. */
export function queuesOf(view: View): QueuesJson {
  const workers = view.pipeline.collectors.map((figures) => workerOf(figures, view))
  const sum = (figure: (worker: WorkerJson) => number): number =>
    workers.reduce((total, worker) => total + figure(worker), 0)
  return {
    success: true,
    as_of: new Date(view.at).toISOString(),
    data: {
      active: sum((worker) => worker.active_tasks),
      reserved: sum((worker) => worker.reserved_tasks),
      scheduled: view.isPart ? null : sum((worker) => worker.scheduled_tasks ?? 0),
      workers,
    },
  }
}

function workerOf(figures: CollectorFigures, { at, isPart }: View): WorkerJson {
  const kinds = [...figures.kinds.values()]
  const { lastSuccessAt } = figures
  return {
    name: figures.name,
    status: lastSuccessAt !== null && at - lastSuccessAt <= LATE_MS ? 'online' : 'late',
    active_tasks: kinds.reduce((total, kind) => total + kind.active, 0),
    reserved_tasks: kinds.reduce((total, kind) => total + kind.reserved, 0),
    scheduled_tasks: isPart ? null : kinds.reduce((total, kind) => total + kind.scheduled, 0),
    missed_slots: kinds.reduce((total, kind) => total + kind.missed, 0),
    slot_lag_seconds: figures.lagSeconds,
    samples_stored_ratio: figures.storedRatio,
    buffer_bytes: figures.bufferBytes,
    last_success_at: isoOrNull(lastSuccessAt),
    kinds: Object.fromEntries(
      [...figures.kinds].map(([kind, of]) => [
        kind,
        { ...of, scheduled: isPart ? null : of.scheduled },
      ]),
    ),
  }
}
