import { z } from '@hono/zod-openapi'
import { time } from '../schemas.ts'

const text = z.string().nullable()
const rate = z.number().min(0).nullable()

/** RFC 2863, by their numbers. */
export const ADMIN_STATES = { 1: 'up', 2: 'down', 3: 'testing' } as const
export const OPER_STATES = {
  1: 'up',
  2: 'down',
  3: 'testing',
  4: 'unknown',
  5: 'dormant',
  6: 'not_present',
  7: 'lower_layer_down',
} as const

export const interfaceSchema = z
  .strictObject({
    index: z.int().min(0).describe('ifIndex'),
    name: z
      .string()
      .describe('ifName, or ifDescr where an agent has none')
      .meta({ examples: ['Gi0/1'] }),
    alias: text.describe('ifAlias').meta({ examples: ['WAN: isp-a'] }),
    admin: z.enum(Object.values(ADMIN_STATES)).nullable().describe('As it is configured'),
    oper: z.enum(Object.values(OPER_STATES)).nullable().describe('As it is'),
    speed_bps: rate.describe('Nominal'),
    in_bps: rate,
    out_bps: rate,
    in_errors_per_second: rate,
    out_errors_per_second: rate,
    in_discards_per_second: rate,
    out_discards_per_second: rate,
    uplink: text.describe('The name of the uplink that it is'),
    last_change_at: time
      .nullable()
      .describe('The first poll that saw `oper` as it is; null where that is over a week ago'),
  })
  .describe('What the last poll told; null where it told nothing, or is too long ago')
  .openapi('Interface')

const point = z.tuple([time, z.number().nullable()])
const series = z.array(point)

export const interfaceHistorySchema = z
  .strictObject({
    device: z.string(),
    index: z.int().min(0),
    name: z.string(),
    range: text.describe('Null where `from` and `to` were asked for'),
    as_of: time,
    start: time,
    end: time,
    step_seconds: z.number().positive(),
    series: z
      .strictObject({
        in_bps: series,
        out_bps: series,
        in_errors: series.describe('A second'),
        out_errors: series.describe('A second'),
      })
      .describe('Means of each step, by its end; null where nothing was polled'),
  })
  .openapi('InterfaceHistory')

export type InterfaceJson = z.output<typeof interfaceSchema>
export type InterfaceHistoryJson = z.output<typeof interfaceHistorySchema>
