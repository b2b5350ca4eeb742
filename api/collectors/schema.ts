import { z } from '@hono/zod-openapi'
import { slowPollSchema, time } from '../schemas.ts'

const count = z.int().min(0)

export const collectorSchema = z
  .strictObject({
    name: z
      .string()
      .describe('The vantage on its samples')
      .meta({ examples: ['dc-1'] }),
    version: z.string().nullable(),
    status: z
      .enum(['online', 'late', 'blind'])
      .describe('`late`: its ping loop stands still; `blind`: it has lost its network'),
    lag_seconds: z.number().nullable().describe('How late its last slot began'),
    missed_slots: count.describe('Probes that were skipped since it started'),
    stored_ratio: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Ping samples stored ÷ due over ten minutes'),
    buffer_bytes: count.nullable().describe('What waits for VictoriaMetrics'),
    last_success_at: time.nullable().describe('When its ping loop last did its work'),
    targets: z
      .strictObject({ ping: count.nullable(), snmp: count.nullable() })
      .describe('What it probes; null for who sees a part of the fleet'),
    site: z.string().describe('Collectors of one site divide the devices; each site probes all'),
    share: z
      .strictObject({
        devices: count.nullable().describe('Null for who sees a part of the fleet'),
        members: count.describe('Collectors that divide the devices of its site, as it knows them'),
      })
      .nullable(),
    blind_since: time.nullable(),
    slowest: z.array(slowPollSchema).describe('The devices whose last SNMP poll took longest'),
  })
  .openapi('Collector')

export type CollectorJson = z.output<typeof collectorSchema>
