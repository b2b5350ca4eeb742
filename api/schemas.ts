import { z } from '@hono/zod-openapi'
import { STATUSES } from '../lib/status.ts'
import { UPLINK_STATES, UPLINK_SUMMARIES } from '../lib/uplink.ts'

// The shape of every answer: what the builders are typed by, what the contract tests parse, and what the reference at
// /api/docs is made from.

export const time = z.iso
  .datetime({ precision: 3 })
  .meta({ examples: ['2026-11-22T09:45:01.000Z'] })
const text = z.string().nullable()
const seconds = z.number().min(0)
const count = z.int().min(0)
const ratio = z.number().min(0).max(1)

export const statusSchema = z.enum(STATUSES).meta({
  description:
    '`unreachable`: down, and so is everything it depends on; `unknown`: no recent sample, or no state yet; ' +
    '`disabled`: switched off in the inventory',
  examples: ['down'],
})

const uplinkSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .meta({ examples: ['isp-a'] }),
  interface: z.string().meta({ examples: ['GigabitEthernet0/1'] }),
  alias: text,
  state: z.enum(UPLINK_STATES).describe("`unknown`: its device doesn't answer SNMP"),
  since: time
    .nullable()
    .describe("The first poll that saw this state; null where that isn't known"),
})

export const maintenanceSchema = z
  .strictObject({ id: z.string(), name: z.string(), until: time.nullable() })
  .nullable()
  .describe('The maintenance window that the device is in')

export const acknowledgedSchema = z
  .strictObject({
    by: z.string(),
    comment: z.string(),
    at: time.nullable(),
    until: time.nullable().describe('Null: until the outage ends'),
  })
  .nullable()
  .describe('Who said to be working on it')

export const ORIGINS = ['file', 'api', 'both'] as const

export const deviceSchema = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .meta({ examples: ['gori-12'] }),
    name: z
      .string()
      .min(1)
      .meta({ examples: ['gori-12.example.net'] }),
    address: z
      .string()
      .min(1)
      .meta({ examples: ['198.18.0.12'] }),
    branch: text.meta({ examples: ['Gori'] }),
    region: text.meta({ examples: ['Shida Kartli'] }),
    type: text.meta({ examples: ['router'] }),
    role: text,
    vendor: text,
    model: text,
    status: statusSchema,
    since: time
      .nullable()
      .describe("Since when it is up, down or unreachable; null while that isn't known"),
    down_since: time
      .nullable()
      .describe('The first failed probe after the last good one, to the millisecond'),
    downtime_seconds: seconds.nullable().meta({ examples: [8099.4] }),
    last_sample_at: time.nullable().describe('The newest ping sample'),
    sample_age_seconds: seconds.nullable().meta({ examples: [4.2] }),
    rtt_ms: seconds
      .nullable()
      .meta({ description: 'Of the newest sample: null where nothing answered', examples: [null] }),
    loss_ratio: ratio.nullable().meta({ examples: [1] }),
    flapping: z.boolean().meta({ examples: [false] }),
    maintenance: maintenanceSchema,
    acknowledged: acknowledgedSchema,
    problems: z
      .array(
        z.strictObject({
          alert: z.string().meta({ examples: ['DeviceDown'] }),
          severity: text.meta({ examples: ['critical'] }),
          state: z.enum(['pending', 'firing']).meta({ examples: ['firing'] }),
          active_at: time.nullable(),
        }),
      )
      .describe('Its alerts'),
    snmp: z
      .strictObject({
        status: z.enum(['ok', 'failing', 'unknown']),
        last_sample_at: time.nullable(),
      })
      .nullable()
      .describe("Null when it isn't polled"),
    uplinks: z.array(uplinkSchema).describe('Its interfaces that are uplinks'),
    parents: z.array(z.string()).describe('Ids of the devices that it is reached through'),
    cause: z
      .array(z.string())
      .describe(
        'Why an unreachable device is unreachable: ids of the nearest ancestors that are down',
      ),
    tags: z.array(z.string()),
    origin: z
      .enum(ORIGINS)
      .describe('Where it is kept: in an inventory file, through the API, or in both'),
  })
  .openapi('Device')

export const countsSchema = z.strictObject({
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

export const branchSchema = z
  .strictObject({
    branch: text.meta({ examples: ['Gori'] }),
    region: text.meta({
      description: 'Null where its devices name several',
      examples: ['Shida Kartli'],
    }),
    devices: countsSchema,
    outages: z
      .strictObject({
        open: count.describe('Nobody deals with them yet'),
        acknowledged: count,
        maintenance: count,
        oldest_since: time.nullable(),
        newest_since: time.nullable(),
      })
      .describe('Its devices that are down or unreachable, by who deals with them'),
    worst: z.array(worstSchema).describe('Its longest outages'),
    uplinks: z.array(uplinkSchema.extend({ device: z.string() })),
    uplink_status: z
      .enum(UPLINK_SUMMARIES)
      .describe(
        "`degraded`: one at least is down, and another isn't; `admin_down`: one is switched off, the others are up",
      ),
  })
  .openapi('Branch')

export const regionSchema = z
  .strictObject({
    region: text,
    branches: count,
    devices: countsSchema,
    worst: z.array(worstSchema),
  })
  .openapi('Region')

const seriesPoint = z
  .tuple([time, z.number().nullable()])
  .describe('A step by its end, and its value; null where nothing was sampled')

export const historySchema = z
  .strictObject({
    device: z.string(),
    range: text.meta({
      description: 'Null where `from` and `to` were asked for',
      examples: ['24h'],
    }),
    as_of: time,
    start: time,
    end: time,
    step_seconds: z.number().positive(),
    series: z.strictObject({
      rtt_ms: z.array(seriesPoint).describe('The mean of each step'),
      rtt_min_ms: z.array(seriesPoint),
      rtt_max_ms: z.array(seriesPoint),
      loss_ratio: z.array(seriesPoint),
      up: z.array(seriesPoint).describe('The share of probes that were answered'),
    }),
    outages: z.array(
      z.strictObject({
        start: time,
        end: time.nullable().describe('Null while it lasts'),
        duration_seconds: seconds,
      }),
    ),
  })
  .openapi('History')

export const slowPollSchema = z
  .strictObject({
    device: z.string(),
    name: z.string(),
    address: z.string(),
    branch: text,
    region: text,
    poll_seconds: seconds.describe('How long the last poll took'),
    mean_seconds: seconds.nullable().describe('The mean of ten minutes'),
    pdus: count.nullable().describe('Requests of the last poll'),
    errors: count.nullable().describe('Those without a usable answer'),
    interval_seconds: seconds.nullable(),
  })
  .openapi('SlowPoll')

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
  })
  .openapi('Problem')

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
export type HistoryJson = z.output<typeof historySchema>
export type SlowPollJson = z.output<typeof slowPollSchema>
export type SeriesPoint = z.output<typeof seriesPoint>
