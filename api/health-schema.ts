import { z } from '@hono/zod-openapi'
import { countsSchema, time } from './schemas.ts'

// How wardline itself is doing, and what the head of the page counts.

const seconds = z.number().min(0)
const count = z.int().min(0)
const ratio = z.number().min(0).max(1)

const samplesSchema = z.strictObject({
  fresh: count.describe('Devices whose newest sample is recent'),
  late: count.describe('Devices whose newest sample is too old'),
  never: count.describe('Devices without any sample'),
  newest_at: time.nullable(),
  age_seconds: seconds.nullable(),
  stored_ratio: ratio.nullable().describe('Ping samples stored ÷ due over ten minutes'),
})

const healthStatus = z.enum(['healthy', 'degraded', 'unhealthy'])

export const healthSchema = z
  .strictObject({
    status: healthStatus,
    reasons: z.array(z.string()).describe('In words, the worst first; empty when healthy'),
    mode: z.enum(['standalone', 'distributed']),
    version: z.string(),
    as_of: time,
    components: z.strictObject({
      victoriametrics: z.strictObject({
        status: z.enum(['ok', 'away']),
        reason: z.string().nullable(),
        view_age_seconds: seconds.nullable(),
      }),
      samples: samplesSchema.extend({ status: z.enum(['ok', 'late', 'missing', 'unknown']) }),
      alerting: z.strictObject({
        status: z.enum(['ok', 'late', 'unknown']),
        last_evaluation_at: time.nullable(),
        leader: z
          .strictObject({
            instance: z.string().meta({ examples: ['noc-1:5003'] }),
            since: time,
            age_seconds: seconds.describe('How long it has led'),
          })
          .nullable()
          .describe('Of several instances of alerting the one that evaluates and tells'),
      }),
      redis: z.strictObject({
        status: z
          .enum(['ok', 'slow', 'refusing', 'away'])
          .describe('`slow`: nobody waits for it; `refusing`: it is full, or takes no writes'),
        reason: z.string().nullable(),
        lost_at: time.nullable().describe('when it was last noticed that it had lost data'),
        lost_seconds: z.number().nullable().describe('how far it went back; null: all was gone'),
      }),
      spool: z
        .strictObject({
          status: z
            .enum(['ok', 'late', 'failing', 'unknown'])
            .describe(
              "`late`: samples of a collector wait, and come late; `failing`: one can't be written to",
            ),
          samples: count.nullable().describe('What waits, of collectors and alerting together'),
          bytes: count.nullable(),
          limit_bytes: count.nullable().describe('Room for them, of all spools together'),
          filled_ratio: z
            .number()
            .min(0)
            .nullable()
            .describe('Of the spool that is fullest: `bytes` ÷ the room for them'),
          late_since: time.nullable().describe('The oldest instant at which something is missing'),
        })
        .describe('Samples that VictoriaMetrics does not have yet'),
      clocks: z.strictObject({
        status: z
          .enum(['ok', 'off', 'unknown'])
          .describe("`off`: one differs from VictoriaMetrics' by 2 s"),
        worst_seconds: z
          .number()
          .nullable()
          .describe('Of the one that is off most: how far it is ahead; negative: behind'),
      }),
      inventory: z.strictObject({
        status: z
          .enum(['ok', 'refused'])
          .describe('`refused`: changed files had problems, the inventory before them is in force'),
        reloaded_at: time.nullable(),
        problems: z.int(),
      }),
    }),
  })
  .openapi('Health')

const blindSchema = z.strictObject({
  collector: z.string(),
  since: time,
  devices: count.describe('Of whom nothing is known since it is the one that probes them'),
  reason: z.string().describe('As `reasons` has it'),
})

export const statsSchema = z
  .strictObject({
    as_of: time,
    status: healthStatus,
    reasons: z.array(z.string()),
    mode: z.enum(['standalone', 'distributed']),
    version: z.string(),
    devices: countsSchema.describe('`total` leaves disabled devices out'),
    branches: z.strictObject({ total: count, affected: count }),
    regions: z.strictObject({ total: count, affected: count }),
    alerts: z.strictObject({
      firing: count,
      pending: count,
      by_severity: z.record(z.string(), count),
    }),
    rtt_ms: z.strictObject({ mean: seconds.nullable(), p95: seconds.nullable() }),
    samples: samplesSchema,
    blind: z.array(blindSchema).describe('Collectors that have lost their network'),
    last_evaluation_at: time.nullable(),
  })
  .openapi('Stats')

export type SamplesJson = z.output<typeof samplesSchema>
export type HealthJson = z.output<typeof healthSchema>
export type BlindJson = z.output<typeof blindSchema>
export type StatsJson = z.output<typeof statsSchema>
