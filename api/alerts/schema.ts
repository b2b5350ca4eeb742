import { z } from '@hono/zod-openapi'
import { acknowledgedSchema, time } from '../schemas.ts'

const text = z.string().nullable()

export const FINGERPRINT = /^[0-9a-f]{16}$/

export const fingerprintSchema = z
  .string()
  .regex(FINGERPRINT, { error: 'expected the fingerprint of an alert: 16 hexadecimal digits' })
  .meta({ examples: ['9c1f0d7a4b2e6f35'] })

export const ALERT_STATES = ['firing', 'pending'] as const

export const alertSchema = z
  .strictObject({
    fingerprint: fingerprintSchema.describe("Names it: as in Alertmanager's API and in messages"),
    alert: z.string().meta({ examples: ['DeviceDown'] }),
    severity: text.meta({ examples: ['critical'] }),
    state: z.enum(ALERT_STATES),
    device: text.describe('Null for one about wardline itself'),
    device_name: text,
    branch: text,
    region: text,
    active_at: time.nullable().describe('Since when its condition holds'),
    labels: z.record(z.string(), z.string()),
    summary: text.describe(
      'Null: its texts are in the messages and in `/alertmanager/api/v2/alerts`',
    ),
    acknowledged: acknowledgedSchema,
    held: z
      .strictObject({
        by: z.string().meta({ examples: ['silence'] }),
        cause: z.string().describe('An id, a name, a fingerprint, or the device that is down'),
      })
      .nullable()
      .describe("Why nobody is told of it; null where it is told, or isn't firing"),
  })
  .openapi('Alert')

export type AlertJson = z.output<typeof alertSchema>

export const acknowledgementSchema = z
  .strictObject({
    fingerprint: fingerprintSchema,
    alert: z.string(),
    device: text,
    labels: z.record(z.string(), z.string()),
    by: z.string(),
    comment: z.string(),
    at: time,
    until: time.nullable().describe('Null: until the alert ends'),
    sticky: z.boolean().describe('Whether it outlives the alert, until `until`'),
  })
  .openapi('Acknowledgement')

export type AcknowledgementJson = z.output<typeof acknowledgementSchema>
