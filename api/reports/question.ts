import { z } from '@hono/zod-openapi'
import { inventoryTexts } from '../device-query.ts'
import { pastInstant } from '../instant.ts'
import { anyTexts, once, oneOf, queryOf } from '../query-parameters.ts'
import { GROUPINGS } from './rows.ts'

const yesOrNo = (otherwise: 'true' | 'false') =>
  oneOf(['true', 'false'])
    .default(otherwise)
    .transform((word) => word === 'true')

const time = (description: string) => z.string({ error: once }).optional().meta({ description })

/** What a report can be asked for, on its page too. */
const shared = (now: () => number) => ({
  month: time('A month on the clock of `tz`, such as 2026-10; the running one unless told').meta({
    examples: ['2026-10'],
  }),
  from: time('Instead of a month: ISO 8601, a day on the clock of `tz`, or Unix seconds'),
  to: time('With `from`; now unless told'),
  tz: z
    .string({ error: once })
    .default('UTC')
    .meta({ description: "The time zone that months and days are of: 'Asia/Tbilisi'" }),
  by: oneOf(GROUPINGS).default('device').meta({ description: 'What a row is' }),
  branch: inventoryTexts('this branch'),
  region: inventoryTexts('this region'),
  type: inventoryTexts('this type'),
  device: anyTexts().meta({ description: 'The id of a device; repeated for several' }),
  windows_as_of: pastInstant(now)
    .optional()
    .meta({ description: 'With the maintenance windows that there were at this past instant' }),
})

export const reportQuery = (now: () => number) =>
  queryOf({
    ...shared(now),
    format: oneOf(['json', 'csv']).default('json'),
    outages: yesOrNo('true').meta({ description: 'JSON: whether each row lists its outages' }),
    list: oneOf(['rows', 'outages'])
      .default('rows')
      .meta({ description: 'CSV: a line for each row, or for each outage' }),
    bom: yesOrNo('false').meta({
      description: 'CSV: begins with a byte-order mark, as Excel wants it to read UTF-8',
    }),
  })

export const pageQuery = (now: () => number) => queryOf(shared(now))

export type ReportQuestion = z.output<ReturnType<typeof pageQuery>>
