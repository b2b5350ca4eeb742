import { z } from 'zod'
import { STATUSES } from '../../lib/status.ts'

const time = z.iso.datetime({ precision: 3 })
const text = z.string().nullable()
const seconds = z.number().min(0)

const parentSchema = z.strictObject({
  id: z.string(),
  /** Null for one that isn't in the inventory. */
  status: z.enum(STATUSES).nullable(),
  since: time.nullable(),
})

const heldSchema = z.strictObject({
  alert: z.string(),
  /** `silence`, `maintenance`, `inhibition`, `time-interval`, `acknowledged`, `parent`, `flapping` … */
  by: z.string(),
  /** An id, a name, a fingerprint, or the ids of devices. */
  cause: z.string(),
  name: text,
  created_by: text,
  comment: text,
  until: time.nullable(),
})

export const explainSchema = z.strictObject({
  device: z.string(),
  name: z.string(),
  at: time,
  status: z.enum(STATUSES),
  since: time.nullable(),
  /** What alerting recorded at the time: it differs in the seconds in which an outage is being confirmed. */
  recorded_status: text,
  /** The reasons in order, for people. */
  text: z.array(z.string()),
  ping: z.strictObject({
    interval_seconds: seconds,
    /** Failed probes in a row that make an outage. */
    confirm: z.int(),
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
      /** Failed probes in a row; null where they are too many to be counted. */
      failures: z.int().nullable(),
      first_failed_at: time,
      /** Null where they don't make an outage, or the first of them isn't stored any more. */
      confirmed_at: time.nullable(),
    })
    .nullable(),
  /** As kept by alerting; null where there is none. */
  state: z.strictObject({ up: z.boolean(), since: time }).nullable(),
  parents: z.array(parentSchema),
  /** Ids of the nearest ancestors that are down themselves. */
  cause: z.array(z.string()),
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
  /** Alerts that weren't told, and why. */
  held: z.array(heldSchema),
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
      /** Of the attempt; null for a message about several devices. */
      seconds: seconds.nullable(),
    }),
  ),
})

export type ExplainJson = z.output<typeof explainSchema>
