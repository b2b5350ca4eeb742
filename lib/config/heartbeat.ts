import { z } from 'zod'
import { duration } from '../duration.ts'
import { httpUrl } from './fields.ts'
import { Secret } from '../secret.ts'

/** Whoever knows such a URL can call it. */
const secretUrl = httpUrl.transform((value) => new Secret(value)).meta({ writeOnly: true })

export const heartbeatSchema = z.strictObject({
  url: secretUrl.describe('Called while all is well; a service elsewhere tells when it is not'),
  interval: duration({ min: '10s', max: '1h', whole: true })
    .prefault('1m')
    .describe('Called every'),
  method: z.enum(['GET', 'POST', 'HEAD']).default('GET'),
  fail_url: secretUrl
    .optional()
    .describe('Called instead while evaluations are late or VictoriaMetrics is away'),
  timeout: duration({ min: '100ms', max: '1m' }).prefault('10s').describe('Bound of one call'),
})

export type HeartbeatConfig = z.output<typeof heartbeatSchema>
