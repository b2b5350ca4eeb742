import { z } from 'zod'
import { duration } from '../duration.ts'
import { requiredText, toBoolean } from './fields.ts'

const settings = z.strictObject({
  interval: duration({ min: '1m', max: '1h', whole: true })
    .prefault('5m')
    .describe('It goes down for 10 s every'),
  receiver: requiredText('the name of a receiver')
    .optional()
    .describe("Whom its messages go to; left out: alerting's own port"),
})

/** `false` switches the canary off. */
export const canarySchema = z
  .preprocess(toBoolean, z.union([settings, z.boolean()]))
  .transform((value) => {
    if (value === false) return null
    return value === true ? settings.parse({}) : value
  })

export type CanaryConfig = NonNullable<z.output<typeof canarySchema>>
