import { z } from '@hono/zod-openapi'
import { time } from './schemas.ts'

const count = z.int().min(0)
/** Null for those who may not see all. */
const ofAll = count.nullable()
const ratio = z.number().min(0).max(1)

const workerSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['online', 'late']),
  active_tasks: count,
  reserved_tasks: count,
  scheduled_tasks: ofAll,
  missed_slots: count,
  slot_lag_seconds: z.number().nullable(),
  samples_stored_ratio: ratio.nullable(),
  buffer_bytes: count.nullable(),
  last_success_at: time.nullable(),
  kinds: z.record(
    z.string(),
    z.strictObject({ active: count, reserved: count, scheduled: ofAll, missed: count }),
  ),
})

export const queuesSchema = z
  .strictObject({
    success: z.literal(true),
    as_of: time,
    data: z.strictObject({
      active: count.describe('Probes under way'),
      reserved: count.describe('Probes due in the last slot'),
      scheduled: ofAll.describe(
        'Targets that are probed by turns; null for those who may not see all',
      ),
      workers: z.array(workerSchema),
    }),
  })
  .openapi('Queues')

export type WorkerJson = z.output<typeof workerSchema>
export type QueuesJson = z.output<typeof queuesSchema>
