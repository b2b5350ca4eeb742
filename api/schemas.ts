import { z } from 'zod'
import { STATUSES } from '../lib/status.ts'
import { UPLINK_STATES, UPLINK_SUMMARIES } from '../lib/uplink.ts'

/** The shape of every answer: what the builders are typed by, and what the contract tests parse. */

const time = z.iso.datetime({ precision: 3 })
const text = z.string().nullable()
const seconds = z.number().min(0)
const count = z.int().min(0)
const ratio = z.number().min(0).max(1)

export const statusSchema = z.enum(STATUSES)

const uplinkSchema = z.strictObject({
  name: z.string().min(1),
  interface: z.string(),
  alias: text,
  /** `unknown`: its device doesn't answer SNMP. */
  state: z.enum(UPLINK_STATES),
  /** The first poll that saw this state; null where that isn't known. */
  since: time.nullable(),
})

export const deviceSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  address: z.string().min(1),
  branch: text,
  region: text,
  type: text,
  role: text,
  vendor: text,
  model: text,
  status: statusSchema,
  /** Since when it is up, down or unreachable; null while that isn't known. */
  since: time.nullable(),
  down_since: time.nullable(),
  downtime_seconds: seconds.nullable(),
  last_sample_at: time.nullable(),
  sample_age_seconds: seconds.nullable(),
  rtt_ms: seconds.nullable(),
  loss_ratio: ratio.nullable(),
  flapping: z.boolean(),
  problems: z.array(
    z.strictObject({
      alert: z.string(),
      severity: text,
      state: z.enum(['pending', 'firing']),
      active_at: time.nullable(),
    }),
  ),
  snmp: z
    .strictObject({
      status: z.enum(['ok', 'failing', 'unknown']),
      last_sample_at: time.nullable(),
    })
    .nullable(),
  uplinks: z.array(uplinkSchema),
  parents: z.array(z.string()),
  /** Ids of the nearest ancestors that are down themselves: why an unreachable device is unreachable. */
  cause: z.array(z.string()),
  tags: z.array(z.string()),
})

const countsSchema = z.strictObject({
  total: count,
  up: count,
  down: count,
  unreachable: count,
  unknown: count,
  disabled: count,
})

const worstSchema = deviceSchema.pick({
  id: true,
  name: true,
  status: true,
  down_since: true,
  downtime_seconds: true,
})

export const branchSchema = z.strictObject({
  branch: text,
  /** Null where its devices name several. */
  region: text,
  devices: countsSchema,
  worst: z.array(worstSchema),
  uplinks: z.array(uplinkSchema.extend({ device: z.string() })),
  /** `degraded`: one of them at least is down, and another isn't; `admin_down`: one is switched off, the others are up. */
  uplink_status: z.enum(UPLINK_SUMMARIES),
})

export const regionSchema = z.strictObject({
  region: text,
  branches: count,
  devices: countsSchema,
  worst: z.array(worstSchema),
})

export const alertSchema = z.strictObject({
  alert: z.string(),
  severity: text,
  state: z.enum(['pending', 'firing']),
  device: text,
  device_name: text,
  branch: text,
  region: text,
  active_at: time.nullable(),
  labels: z.record(z.string(), z.string()),
})

const samplesSchema = z.strictObject({
  /** Devices whose newest sample is recent, too old, or missing. */
  fresh: count,
  late: count,
  never: count,
  newest_at: time.nullable(),
  age_seconds: seconds.nullable(),
  stored_ratio: ratio.nullable(),
})

const healthStatus = z.enum(['healthy', 'degraded', 'unhealthy'])

export const healthSchema = z.strictObject({
  status: healthStatus,
  /** In words, the worst first; empty when healthy. */
  reasons: z.array(z.string()),
  mode: z.enum(['standalone', 'distributed']),
  version: z.string(),
  as_of: time,
  components: z.strictObject({
    victoriametrics: z.strictObject({
      status: z.enum(['ok', 'away']),
      reason: text,
      view_age_seconds: seconds.nullable(),
    }),
    samples: samplesSchema.extend({ status: z.enum(['ok', 'late', 'missing', 'unknown']) }),
    alerting: z.strictObject({
      status: z.enum(['ok', 'late', 'unknown']),
      last_evaluation_at: time.nullable(),
    }),
    redis: z.strictObject({ status: z.enum(['ok', 'away']) }),
    /** `refused`: changed files had problems, and the inventory before them is in force. */
    inventory: z.strictObject({
      status: z.enum(['ok', 'refused']),
      reloaded_at: time.nullable(),
      problems: z.int(),
    }),
  }),
})

export const statsSchema = z.strictObject({
  as_of: time,
  status: healthStatus,
  reasons: z.array(z.string()),
  mode: z.enum(['standalone', 'distributed']),
  version: z.string(),
  /** `total` leaves disabled devices out. */
  devices: countsSchema,
  branches: z.strictObject({ total: count, affected: count }),
  regions: z.strictObject({ total: count, affected: count }),
  alerts: z.strictObject({
    firing: count,
    pending: count,
    by_severity: z.record(z.string(), count),
  }),
  rtt_ms: z.strictObject({ mean: seconds.nullable(), p95: seconds.nullable() }),
  samples: samplesSchema,
  last_evaluation_at: time.nullable(),
})

const seriesPoint = z.tuple([time, z.number().nullable()])

export const historySchema = z.strictObject({
  device: z.string(),
  range: z.string(),
  as_of: time,
  start: time,
  end: time,
  step_seconds: z.number().positive(),
  /** One point a step, null where nothing was sampled; each stands for the step that ends with it. */
  series: z.strictObject({
    rtt_ms: z.array(seriesPoint),
    loss_ratio: z.array(seriesPoint),
    /** The share of probes that were answered. */
    up: z.array(seriesPoint),
  }),
  outages: z.array(
    z.strictObject({
      start: time,
      /** Null while it lasts. */
      end: time.nullable(),
      duration_seconds: seconds,
    }),
  ),
})

export const slowPollSchema = z.strictObject({
  device: z.string(),
  name: z.string(),
  address: z.string(),
  branch: text,
  region: text,
  /** How long the last poll took, and the mean of ten minutes. */
  poll_seconds: seconds,
  mean_seconds: seconds.nullable(),
  /** Of the last poll: requests sent, and those without a usable answer. */
  pdus: count.nullable(),
  errors: count.nullable(),
  interval_seconds: seconds.nullable(),
})

const workerSchema = z.strictObject({
  name: z.string(),
  status: z.enum(['online', 'late']),
  active_tasks: count,
  reserved_tasks: count,
  scheduled_tasks: count,
  missed_slots: count,
  slot_lag_seconds: z.number().nullable(),
  samples_stored_ratio: ratio.nullable(),
  buffer_bytes: count.nullable(),
  last_success_at: time.nullable(),
  kinds: z.record(
    z.string(),
    z.strictObject({ active: count, reserved: count, scheduled: count, missed: count }),
  ),
})

export const queuesSchema = z.strictObject({
  success: z.literal(true),
  as_of: time,
  data: z.strictObject({
    /** Probes under way. */
    active: count,
    /** Probes due in the last slot. */
    reserved: count,
    /** Targets that are probed by turns. */
    scheduled: count,
    workers: z.array(workerSchema),
  }),
})

export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
})

export const statusEventSchema = z.strictObject({
  as_of: time,
  devices: z.array(deviceSchema),
  removed: z.array(z.string()),
})

export type DeviceJson = z.output<typeof deviceSchema>
export type UplinkJson = z.output<typeof uplinkSchema>
export type Counts = z.output<typeof countsSchema>
export type Worst = z.output<typeof worstSchema>
export type BranchJson = z.output<typeof branchSchema>
export type RegionJson = z.output<typeof regionSchema>
export type AlertJson = z.output<typeof alertSchema>
export type SamplesJson = z.output<typeof samplesSchema>
export type HealthJson = z.output<typeof healthSchema>
export type StatsJson = z.output<typeof statsSchema>
export type HistoryJson = z.output<typeof historySchema>
export type SlowPollJson = z.output<typeof slowPollSchema>
export type SeriesPoint = z.output<typeof seriesPoint>
export type WorkerJson = z.output<typeof workerSchema>
export type QueuesJson = z.output<typeof queuesSchema>
export type StatusEventJson = z.output<typeof statusEventSchema>
