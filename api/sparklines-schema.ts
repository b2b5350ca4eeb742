import { z } from '@hono/zod-openapi'
import { time } from './schemas.ts'

const values = z.array(z.number().nullable())

export const sparklinesSchema = z
  .strictObject({
    start: time,
    end: time,
    step_seconds: z.number().positive(),
    devices: z
      .record(
        z.string(),
        z.strictObject({
          rtt_ms: values.describe('The mean of each step; null where nothing answered'),
          loss_ratio: values,
        }),
      )
      .describe('By id: those of the asked ones that there are'),
  })
  .openapi('Sparklines')

export type SparklinesJson = z.output<typeof sparklinesSchema>
