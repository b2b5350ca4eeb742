import { z } from 'zod'
import { duration } from '../duration.ts'
import { Secret } from '../secret.ts'

/**
 * The shape of wardline.yaml: every key, its unit and its default. Unknown keys are errors everywhere.
 * Durations are texts in the file and milliseconds in the parsed configuration.
 */

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text))
const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })
const listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:]+):\d{1,5}$/, 'expected host:port, such as 127.0.0.1:5001')

export const pingSchema = z.strictObject({
  interval: duration({ min: '1s', max: '1h' }).default(10_000),
  count: z.int().min(1).max(20).default(2),
  timeout: duration({ min: '50ms', max: '10s' }).default(1_000),
  confirm: z.int().min(1).max(20).default(3),
})

export const snmpSchema = z.strictObject({
  modules: z.array(z.string()).default(['system', 'if_mib']),
  credentials: z.array(z.string()).min(1),
  port: z.int().min(1).max(65_535).default(161),
  interval: duration({ min: '5s', max: '1d' }).default(60_000),
  timeout: duration({ min: '100ms', max: '5m' }).default(10_000),
})

const text = z.coerce.string().trim()

/** One device as a file gives it: everything but id and address is optional. */
export const deviceSchema = z.strictObject({
  id: text.min(1, 'expected a non-empty id').max(200),
  address: text.min(1, 'expected an IP address or a host name'),
  name: text.optional(),
  branch: text.optional(),
  region: text.optional(),
  type: text.optional(),
  role: text.optional(),
  vendor: text.optional(),
  model: text.optional(),
  parents: z.array(text).optional(),
  enabled: z.boolean().optional(),
  tags: z.array(text).optional(),
  ping: pingSchema.partial().optional(),
  snmp: z.union([snmpSchema.partial(), z.literal(false)]).optional(),
})

/** What a profile or `defaults` may fill in: a device without its identity. */
export const profileSchema = deviceSchema.omit({ id: true, address: true, name: true })

const credentialSchema = z.strictObject({
  version: z.enum(['1', '2c']),
  community: secret,
})

export const receiverSchema = z.strictObject({
  name: z.string().min(1),
  webhook: z.strictObject({
    url: httpUrl,
    timeout: duration({ min: '100ms', max: '5m' }).default(10_000),
    /** Signs the body (HMAC-SHA256) when given. */
    secret: secret.optional(),
  }),
  send_resolved: z.boolean().default(true),
  /** Alerts that share these labels are told in one message. */
  group_by: z.array(z.string()).default(['alertname', 'device']),
  repeat_interval: duration({ min: '1m' }).default(4 * 3_600_000),
  /** How long a message that fails is retried. */
  retry_for: duration({ min: '1s' }).default(24 * 3_600_000),
})

export const configSchema = z.strictObject({
  data_dir: z.string().default('data'),
  log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  inventory: z
    .strictObject({
      files: z.array(z.string()).default([]),
      devices: z.array(z.unknown()).default([]),
    })
    .prefault({}),
  defaults: profileSchema.prefault({}),
  /** By device type. */
  profiles: z.record(z.string(), profileSchema).default({}),
  credentials: z.record(z.string(), credentialSchema).default({}),
  victoriametrics: z
    .strictObject({
      /** Left out: wardline starts one of its own. */
      url: httpUrl.optional(),
      listen: listen.default('127.0.0.1:8428'),
      retention: z
        .string()
        .regex(/^\d+[hdwy]?$/)
        .default('13'),
    })
    .prefault({}),
  redis: z
    .strictObject({
      /** Left out: wardline starts one of its own on a unix socket. */
      url: z
        .string()
        .regex(/^(rediss?|unix):\/\//, 'expected a redis://, rediss:// or unix:// URL')
        .optional(),
    })
    .prefault({}),
  collector: z
    .strictObject({
      /** The vantage: this collector's name on its samples. The host's name unless told. */
      name: z.string().optional(),
      listen: listen.default('127.0.0.1:5002'),
      fping: z.string().default('fping'),
      /** Bound of samples kept in memory while VictoriaMetrics can't take them. */
      buffer_bytes: z.int().min(1_048_576).default(67_108_864),
    })
    .prefault({}),
  alerting: z
    .strictObject({
      listen: listen.default('127.0.0.1:5003'),
      interval: duration({ min: '1s', max: '10m' }).default(15_000),
      /** How often the availability group looks, besides at once when the collector sees a change. */
      availability_interval: duration({ min: '500ms', max: '1m' }).default(2_000),
      external_url: httpUrl.default('http://127.0.0.1:5001'),
      external_labels: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  receivers: z.array(receiverSchema).default([]),
  api: z.strictObject({ listen: listen.default('127.0.0.1:5001') }).prefault({}),
})

export type Config = z.output<typeof configSchema>
export type ReceiverConfig = z.output<typeof receiverSchema>
export type CredentialConfig = z.output<typeof credentialSchema>
export type ProfileInput = z.output<typeof profileSchema>
export type DeviceInput = z.output<typeof deviceSchema>
