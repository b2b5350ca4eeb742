import { z } from 'zod'

const percent = z
  .preprocess(
    (value) =>
      typeof value === 'string' && /^\d{1,3}(\.\d+)?$/.test(value) ? Number(value) : value,
    z.number({ error: 'expected a number from 0 to 100' }),
  )
  .refine((value) => value >= 0 && value <= 100, { error: 'expected a number from 0 to 100' })

const isOrdered = ({ high, low }: { high: number; low: number }): boolean => low <= high
const order = { error: 'expected low to be at most high' }

const thresholds = z.strictObject({ high: percent, low: percent }).refine(isOrdered, order)

/** When a device flaps: 100 is ten changes in 5 minutes. A high of 100 is never exceeded. */
export const flappingSchema = z
  .strictObject({
    high: percent.prefault(30).describe('A device flaps above this many percent'),
    low: percent.prefault(25).describe('… until it is below this many'),
    roles: z
      .record(z.string(), thresholds)
      .prefault({ isp: { high: 20, low: 15 } })
      .describe('Both, for devices of these roles'),
  })
  .refine(isOrdered, order)

export type FlappingConfig = z.output<typeof flappingSchema>
