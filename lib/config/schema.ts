import { z } from 'zod'
import { duration } from '../duration.ts'
import { authSchema } from './auth.ts'
import { canarySchema } from './canary.ts'
import { credentialSchema } from './credential.ts'
import { egressSchema } from './egress.ts'
import { flappingSchema } from './flapping.ts'
import { heartbeatSchema } from './heartbeat.ts'
import { maintenanceSchema } from './maintenance.ts'
import { receiverSchema } from './receivers.ts'
import { redisSection } from './redis.ts'
import { inhibitRuleSchema, routeSchema, timeIntervalSchema } from './routing.ts'
import { spoolSchema } from './spool.ts'
import {
  flag,
  httpUrl,
  ipAddress,
  labelName,
  listen,
  pattern,
  requiredText,
  text,
  toBoolean,
  whole,
} from './fields.ts'

export type { CredentialConfig } from './credential.ts'
export type { ReceiverConfig } from './receivers.ts'
export type { RouteConfig } from './routing.ts'

/**
 * The shape of wardline.yaml and of a device: every key, its unit and its default. Unknown keys are errors
 * everywhere. Durations are texts in the file and milliseconds in the parsed configuration.
 */

/** What is left out is taken from the type's profile, then `defaults`, then BUILT_IN_PING. */
export const pingSchema = z.strictObject({
  interval: duration({ min: '1s', max: '1h', whole: true }).optional().describe('One probe every'),
  count: whole(1, 20).optional().describe('Echoes in one probe'),
  timeout: duration({ min: '50ms', max: '10s' }).optional().describe('Wait for one echo'),
  confirm: whole(1, 20)
    .optional()
    .describe('Failed probes in a row, the first included, before a device is down'),
})

export const BUILT_IN_PING: Readonly<Record<'interval' | 'count' | 'timeout' | 'confirm', number>> =
  { interval: 10_000, count: 2, timeout: 1_000, confirm: 3 }

/** As for ping; a device without credentials from any layer is not polled. */
export const snmpSchema = z.strictObject({
  modules: z.array(text).optional().describe('What to poll'),
  credentials: z
    .array(text)
    .min(1, { error: 'expected at least one name of credentials' })
    .optional()
    .describe('Names in credentials, tried in order'),
  port: whole(1, 65_535).optional().describe('UDP port'),
  interval: duration({ min: '5s', max: '1d', whole: true }).optional().describe('One poll every'),
  timeout: duration({ min: '100ms', max: '5m' }).optional().describe('Bound of one whole poll'),
})

export const BUILT_IN_SNMP = {
  modules: ['system', 'if_mib'],
  port: 161,
  interval: 60_000,
  timeout: 10_000,
} as const

/** One device as a file gives it: everything but id and address is optional. */
export const deviceSchema = z.strictObject({
  id: requiredText('an id')
    .refine((id) => id.length <= 200, { error: 'expected an id of at most 200 characters' })
    // In a URL they mean "here" and "one up", escaped too.
    .refine((id) => id !== '.' && id !== '..', {
      error: "expected an id that can stand in a page's address, which . and .. can't",
    }),
  address: requiredText('an IP address or a host name'),
  name: text.optional(),
  branch: text.optional(),
  region: text.optional(),
  type: text.optional().describe('Picks the profile of that name'),
  role: text.optional(),
  vendor: text.optional(),
  model: text.optional(),
  parents: z.array(text).optional().describe('Ids of the devices that this one is reached through'),
  enabled: flag.optional(),
  tags: z.array(text).optional(),
  ping: pingSchema.optional(),
  snmp: z
    .preprocess(toBoolean, z.union([snmpSchema, z.boolean()]))
    .optional()
    .describe('false switches SNMP off'),
})

/** What `defaults` may fill in: a device without its identity. */
export const defaultsSchema = deviceSchema.omit({ id: true, address: true, name: true })

/** What a profile may fill in; its key is the type. */
export const profileSchema = defaultsSchema.omit({ type: true })

const inventorySection = z.strictObject({
  files: z
    .array(z.string())
    .default([])
    .describe('YAML, JSON or CSV files of devices, or globs of them, relative to this file'),
  // Checked with the devices of the files, where a message can name the device.
  devices: z.array(z.unknown()).default([]).describe('Devices given here, beside those of files'),
})

const victoriaMetricsSection = z.strictObject({
  url: httpUrl.optional().describe('Left out: wardline starts one of its own'),
  listen: listen.default('127.0.0.1:8428').describe('Where its own one listens'),
  retention: z
    .string()
    .regex(/^\d+[hdwy]?$/, 'expected a retention such as 13 (months), 90d or 2y')
    // What VictoriaMetrics starts with.
    .refine((text) => !/^0+[a-z]?$|^0*(1?\d|2[0-3])h$/.test(text), {
      error: 'expected at least a day, such as 1d',
    })
    .refine((text) => !/^\d+$/.test(text) || Number(text) <= 1_200, {
      error: 'expected at most 1200 months',
    })
    .default('13')
    .describe(
      'How long its own one keeps samples: months, or with a unit h, d, w or y; at least 1d',
    ),
})

const collectorSection = z.strictObject({
  name: requiredText('a name').optional().describe("The vantage on its samples; the host's name"),
  site: z
    .string()
    .default('')
    .describe(
      'Collectors of one site divide the devices; each site probes all, and down needs every site',
    ),
  listen: listen.default('127.0.0.1:5002'),
  fping: z.string().default('fping').describe('The program, by name or path'),
  buffer_bytes: whole(1_048_576, 17_179_869_184)
    .default(67_108_864)
    .describe('Bound of samples that wait in memory where the disk takes none'),
  spool: spoolSchema
    .prefault({})
    .describe("Where samples wait on disk while VictoriaMetrics can't take them"),
  canaries: z
    .array(ipAddress)
    .optional()
    .describe(
      'Addresses that answer pings as long as the network is there; left out: the default gateways and the resolvers; []: none',
    ),
})

/** Interfaces that are a branch's way out: those whose alias, name or description matches, of the devices that match. */
const uplinkSchema = z
  .strictObject({
    name: requiredText('a name').describe('Value of the label `uplink`, such as isp-a'),
    alias: pattern.optional().describe('Regular expression on ifAlias'),
    interface: pattern.optional().describe('Regular expression on ifName, else ifDescr'),
    devices: z
      .strictObject({
        id: z.array(text).optional(),
        type: z.array(text).optional(),
        role: z.array(text).optional(),
        branch: z.array(text).optional(),
        region: z.array(text).optional(),
        tag: z.array(text).optional(),
      })
      .prefault({})
      .describe('On these devices only; left out: on all'),
  })
  .refine(({ alias, interface: name }) => alias !== undefined || name !== undefined, {
    error: 'expected alias or interface: a regular expression that picks the interfaces',
  })

const trapsSchema = z.strictObject({
  listen: listen
    .optional()
    .describe('UDP address for traps and informs, such as 0.0.0.0:162; left out: none are taken'),
  credentials: z
    .array(text)
    .default([])
    .describe('Names in credentials that senders may use, besides their own'),
})

const snmpSection = z.strictObject({
  module_files: z
    .array(z.string())
    .default([])
    .describe('snmp.yml files of snmp_exporter, or globs of them, relative to this file'),
  uplinks: z.array(uplinkSchema).default([]).describe('The first that matches counts'),
  traps: trapsSchema.prefault({}),
})

const alertingSection = z.strictObject({
  listen: listen.default('127.0.0.1:5003'),
  interval: duration({ min: '1s', max: '10m' }).prefault('15s').describe('Evaluates rules every'),
  availability_interval: duration({ min: '500ms', max: '1m' })
    .prefault('2s')
    .describe('Evaluates availability every, besides at once when the collector sees a change'),
  rule_files: z
    .array(z.string())
    .default([])
    .describe('Rules: YAML of vmalert or Prometheus, or .ts; globs, relative to this file'),
  external_url: httpUrl
    .default('http://127.0.0.1:5001')
    .describe('The page, for links in messages'),
  external_labels: z.record(labelName, text).default({}).describe('Added to every alert'),
  flapping: flappingSchema.prefault({}).describe('10 changes in 5 minutes are 100 percent'),
  canary: canarySchema
    .prefault({})
    .describe('A device that is not there, whose outages must come out at a webhook; or false'),
  heartbeat: heartbeatSchema
    .optional()
    .describe("A dead man's signal: a URL that is called as long as alerting does its work"),
  advertise_url: httpUrl
    .optional()
    .describe(
      "Where other instances reach this one; left out: alerting.listen, with the host's name where that is everywhere",
    ),
})

const apiSection = z.strictObject({
  listen: listen.default('127.0.0.1:5001'),
  alerting_url: httpUrl
    .optional()
    .describe('Where /vmalert/ and /alertmanager/ are passed on to; left out: alerting.listen'),
  collector_url: httpUrl
    .optional()
    .describe(
      'The collector that probes by hand (ping, traceroute, snmp); left out: collector.listen',
    ),
  event_streams: whole(10, 100_000)
    .default(2_000)
    .describe(
      'Event streams (open pages, too) at once; one user, token or address holds a third at most',
    ),
})

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const

export const configSchema = z.strictObject({
  data_dir: z.string().default('data').describe('What wardline keeps'),
  log_level: z.enum(LOG_LEVELS).default('info'),
  inventory: inventorySection.prefault({}),
  defaults: defaultsSchema.prefault({}).describe('Fills in what device and profile leave out'),
  profiles: z.record(z.string(), profileSchema).default({}).describe('By type of device'),
  credentials: z.record(z.string(), credentialSchema).default({}).describe('SNMP, by name'),
  snmp: snmpSection.prefault({}).describe('What is common to all devices; theirs is in defaults'),
  victoriametrics: victoriaMetricsSection.prefault({}),
  redis: redisSection.prefault({}),
  collector: collectorSection.prefault({}),
  alerting: alertingSection.prefault({}),
  receivers: z.array(receiverSchema).default([]),
  route: routeSchema.optional().describe('Left out: each receiver is told of every alert'),
  time_intervals: z.array(timeIntervalSchema).default([]).describe('Named times, for routes'),
  inhibit_rules: z
    .array(inhibitRuleSchema)
    .default([])
    .describe(
      'Which alerts cover others; of the same labels, the gravest covers the others anyway',
    ),
  maintenance: maintenanceSchema.describe('Windows of planned work; others are added at run time'),
  api: apiSection.prefault({}),
  auth: authSchema.prefault({}).describe('Who may do what, on the page and in the API'),
  egress: egressSchema
    .prefault({})
    .describe('Where receivers, providers of sign-ins and remote rule files may be'),
})

/** What the inventory is read by: of the credentials the names alone. */
export const inventoryPartsSchema = configSchema
  .pick({ inventory: true, defaults: true, profiles: true, snmp: true })
  .extend({ credentials: z.record(z.string(), z.unknown()).default({}) })

export type Config = z.output<typeof configSchema>
export type UplinkConfig = z.output<typeof uplinkSchema>
export type DefaultsInput = z.output<typeof defaultsSchema>
export type ProfileInput = z.output<typeof profileSchema>
export type DeviceInput = z.output<typeof deviceSchema>
