import { z } from 'zod'
import { duration } from '../duration.ts'
import { Secret } from '../secret.ts'
import { flag, httpUrl, requiredText, secret, text, whole } from './fields.ts'

/** The settings of each kind of receiver. Whatever lets somebody speak in our name is a secret: some URLs, too. */

const timeout = duration({ min: '100ms', max: '5m' })
  .prefault('10s')
  .describe('Bound of one attempt')

const pem = (what: string) =>
  z
    .string({ error: `expected ${what}` })
    .regex(/-----BEGIN [^-]+-----/, `expected ${what} in PEM, or file: and the path of one`)

const tlsSchema = z.strictObject({
  ca: pem('certificates').optional().describe('Whom to trust, in place of the well-known'),
  cert: pem('a certificate').optional().describe('Shown to the server'),
  key: secret.optional().describe('The private key of cert'),
  server_name: requiredText('a name').optional().describe('What the server must be called'),
  insecure_skip_verify: flag.default(false).describe('Takes any certificate: for tests'),
})

export type TlsConfig = z.output<typeof tlsSchema>

const tls = tlsSchema
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: 'expected cert and key together',
  })
  .optional()

const http = { timeout, tls }

/** What a header can carry. */
const headerText = z
  .string({ error: 'expected a text' })
  .regex(/^[\t\x20-\x7e\x80-\xff]+$/, 'expected a text without line breaks')
  .transform((value) => new Secret(value))
  .meta({ writeOnly: true })

const token = z
  .string({ error: 'expected a text' })
  .regex(/^[\x21-\x7e]+$/, 'expected a token: letters, digits and signs, without spaces')
  .transform((value) => new Secret(value))
  .meta({ writeOnly: true })

/** Who knows it can post: it is shown nowhere. */
const secretUrl = httpUrl.transform((value) => new Secret(value)).meta({ writeOnly: true })

/** They belong to the connection, or to wardline. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
])

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'expected the name of a header')
  .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), {
    error: 'expected another header: this one is set by wardline',
  })

/** The header ends it at the first colon (RFC 7617). */
const basicUser = requiredText('a name').refine((name) => !name.includes(':'), {
  error: 'expected a name without a colon, which Basic credentials end it with',
})

const credentials = {
  bearer_token: token.optional(),
  basic: z.strictObject({ username: basicUser, password: secret }).optional(),
  headers: z.record(headerName, headerText).default({}).describe('Sent with each request'),
}

type Credentials = { bearer_token?: unknown; basic?: unknown; headers: Record<string, unknown> }

const oneAuthorization = {
  holds: ({ bearer_token, basic, headers }: Credentials): boolean =>
    [
      bearer_token,
      basic,
      Object.keys(headers).find((name) => name.toLowerCase() === 'authorization'),
    ].filter((given) => given !== undefined).length < 2,
  error: 'expected one of bearer_token, basic and the header Authorization',
}

const webhook = z
  .strictObject({
    url: httpUrl.describe("Gets Alertmanager's v4 body by POST"),
    secret: secret.optional().describe('Signs the body (HMAC-SHA256): text, ${ENV} or file:/path'),
    signature_header: headerName.default('X-Wardline-Signature'),
    timestamp_header: headerName
      .default('X-Wardline-Timestamp')
      .describe('Unix seconds of the attempt; signed with the body'),
    ...credentials,
    ...http,
  })
  .refine(oneAuthorization.holds, { error: oneAuthorization.error })
  .refine(
    ({ signature_header, timestamp_header }) =>
      signature_header.toLowerCase() !== timestamp_header.toLowerCase(),
    { error: 'expected signature_header and timestamp_header to be two headers' },
  )

const alertmanager = z
  .strictObject({
    urls: z
      .array(httpUrl)
      .min(1, { error: 'expected at least one URL' })
      .describe('Each is told; without /api/v2/alerts'),
    ...credentials,
    ...http,
  })
  .refine(oneAuthorization.holds, { error: oneAuthorization.error })

const slack = z
  .strictObject({
    webhook_url: secretUrl
      .optional()
      .describe('An incoming webhook; its messages stay as they are'),
    bot_token: token.optional().describe('xoxb-…, with the scope chat:write; edits its messages'),
    channel: requiredText('a channel').optional().describe('Id or name; with bot_token'),
    api_url: httpUrl.default('https://slack.com/api'),
    ...http,
  })
  .refine(
    ({ webhook_url, bot_token, channel }) =>
      webhook_url === undefined
        ? bot_token !== undefined && channel !== undefined
        : bot_token === undefined && channel === undefined,
    { error: 'expected either webhook_url, or bot_token and channel' },
  )

const teams = z.strictObject({
  webhook_url: secretUrl.describe('Of a workflow that posts to a channel or chat'),
  ...http,
})

const telegram = z.strictObject({
  bot_token: token,
  chat_id: requiredText('the id of a chat, or @channel'),
  thread_id: whole(1, 2_147_483_647).optional().describe('Topic of a forum'),
  api_url: httpUrl.default('https://api.telegram.org'),
  ...http,
})

const discord = z.strictObject({
  webhook_url: secretUrl,
  thread_id: text.optional().describe('Posts to this thread of the channel'),
  ...http,
})

const pagerduty = z.strictObject({
  routing_key: token.describe('Of an Events API v2 integration'),
  api_url: httpUrl.default('https://events.pagerduty.com'),
  severities: z
    .record(z.string(), z.enum(['critical', 'error', 'warning', 'info']))
    .default({})
    .describe("PagerDuty's severity by ours; others: error"),
  ...http,
})

const opsgenie = z.strictObject({
  api_key: token,
  api_url: httpUrl.default('https://api.opsgenie.com').describe('Or what speaks the same API'),
  priorities: z
    .record(z.string(), z.enum(['P1', 'P2', 'P3', 'P4', 'P5']))
    .default({})
    .describe('Priority by severity; others: P3'),
  teams: z.array(text).default([]).describe('Names of the teams that respond'),
  tags: z.array(text).default([]),
  ...http,
})

const mailbox = z
  .string({ error: 'expected an address' })
  .regex(/^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s,;]+@[^<>@\s,;]+)$/, {
    error: 'expected an address such as noc@example.com or "NOC <noc@example.com>"',
  })

const email = z
  .strictObject({
    host: requiredText('a host name'),
    port: whole(1, 65_535).optional().describe('587; 465 with encryption tls, 25 with none'),
    encryption: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('starttls fails rather than speak in the clear'),
    username: requiredText('a name').optional(),
    password: secret.optional(),
    from: mailbox,
    to: z.array(mailbox).min(1, { error: 'expected at least one address' }),
    timeout,
    tls,
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: 'expected username and password together',
  })

/** One of them is given. */
export const RECEIVER_KINDS = {
  webhook: webhook.optional(),
  alertmanager: alertmanager.optional(),
  slack: slack.optional(),
  teams: teams.optional(),
  telegram: telegram.optional(),
  discord: discord.optional(),
  pagerduty: pagerduty.optional(),
  opsgenie: opsgenie.optional(),
  email: email.optional(),
} as const

export type ReceiverKind = keyof typeof RECEIVER_KINDS
export type KindConfig<K extends ReceiverKind> = NonNullable<z.output<(typeof RECEIVER_KINDS)[K]>>
/** How requests to a receiver are secured. */
export type HttpConfig = { readonly timeout: number; readonly tls?: TlsConfig | undefined }
