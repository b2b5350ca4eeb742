import { z } from '@hono/zod-openapi'
import { STATUSES } from '../../lib/status.ts'

const time = z.iso.datetime({ precision: 3 })
const text = z.string().nullable()
const seconds = z.number().min(0)

const parentSchema = z.strictObject({
  id: z.string(),
  status: z.enum(STATUSES).nullable().describe("Null for one that isn't in the inventory"),
  since: time.nullable(),
})

const heldSchema = z.strictObject({
  alert: z.string(),
  by: z
    .string()
    .describe(
      '`silence`, `maintenance`, `inhibition`, `time-interval`, `acknowledged`, `parent`, `flapping` …',
    ),
  cause: z.string().describe('An id, a name, a fingerprint, or the ids of devices'),
  name: text,
  created_by: text,
  comment: text,
  until: time.nullable(),
})

export const explainSchema = z
  .strictObject({
    device: z.string(),
    name: z.string(),
    at: time,
    status: z.enum(STATUSES),
    since: time.nullable(),
    recorded_status: text.describe(
      'What alerting recorded at the time: it differs in the seconds in which an outage is being confirmed',
    ),
    blind_since: time.nullable().describe('Since when the collector of it has lost its network'),
    late_from: time
      .nullable()
      .describe('From when on samples of it are still on their way to VictoriaMetrics'),
    text: z.array(z.string()).describe('The reasons in order, for people'),
    ping: z.strictObject({
      interval_seconds: seconds,
      confirm: z.int().describe('Failed probes in a row that make an outage'),
      /** Those that began the state, and the newest; oldest first. */
      samples: z.array(
        z.strictObject({
          at: time,
          up: z.boolean(),
          rtt_ms: seconds.nullable(),
          loss_ratio: z.number().nullable(),
          vantage: z.string(),
        }),
      ),
      last_sample_at: time.nullable(),
      sample_age_seconds: seconds.nullable(),
      stale_after_seconds: seconds,
      stale: z.boolean(),
    }),
    /** Null while the newest probe was answered. */
    confirmation: z
      .strictObject({
        needed: z.int(),
        failures: z
          .int()
          .nullable()
          .describe(
            'Failed probes in a row, those of one second once; null where they are too many to be counted',
          ),
        first_failed_at: time,
        confirmed_at: time
          .nullable()
          .describe(
            "Null where they don't make an outage, or the first of them isn't stored any more",
          ),
        awaited_sites: z
          .array(z.string())
          .describe('Sites that look and see and had none of them by the newest probe'),
      })
      .nullable(),
    state: z
      .strictObject({ up: z.boolean(), since: time })
      .nullable()
      .describe('As kept by alerting; null where there is none'),
    parents: z.array(parentSchema),
    cause: z.array(z.string()).describe('Ids of the nearest ancestors that are down themselves'),
    flapping: z.strictObject({ active: z.boolean(), score_percent: z.number().nullable() }),
    alerts: z.array(
      z.strictObject({
        alert: z.string(),
        severity: text,
        state: z.enum(['pending', 'firing']),
        active_at: time.nullable(),
        labels: z.record(z.string(), z.string()),
      }),
    ),
    held: z.array(heldSchema).describe("Alerts that weren't told, and why"),
    acknowledgement: z
      .strictObject({
        alert: z.string(),
        created_by: z.string(),
        comment: z.string(),
        at: time,
        expires_at: time.nullable(),
        sticky: z.boolean(),
      })
      .nullable(),
    /** Attempts to tell a receiver, oldest first. */
    notifications: z.array(
      z.strictObject({
        at: time,
        receiver: z.string(),
        alert: z.string(),
        result: z.string(),
        reason: z.string(),
        seconds: seconds
          .nullable()
          .describe('Of the attempt; null for a message about several devices'),
      }),
    ),
  })
  .openapi('Explanation')

export type ExplainJson = z.output<typeof explainSchema>
