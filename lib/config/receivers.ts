import { z } from 'zod'
import { duration } from '../duration.ts'
import { flag, httpUrl, requiredText, secret } from './fields.ts'

/** Who is told, and how: one kind of receiver each. */
export const receiverSchema = z.strictObject({
  name: requiredText('a name'),
  webhook: z.strictObject({
    url: httpUrl,
    timeout: duration({ min: '100ms', max: '5m' }).prefault('10s').describe('Bound of one attempt'),
    secret: secret.optional().describe('Signs the body (HMAC-SHA256): text, ${ENV} or file:/path'),
  }),
  send_resolved: flag.default(true),
  group_by: z
    .array(z.string())
    .default(['alertname', 'device'])
    .describe('Alerts that share these labels are told in one message'),
  repeat_interval: duration({ min: '1m' }).prefault('4h').describe('Tells a lasting problem again'),
  retry_for: duration({ min: '1s' }).prefault('1d').describe('How long a failing message is tried'),
})

export type ReceiverConfig = z.output<typeof receiverSchema>
