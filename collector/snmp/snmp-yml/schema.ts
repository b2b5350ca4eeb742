import { z } from 'zod'
import { flag, labelName, requiredText, text, whole } from '../../../lib/config/fields.ts'
import { duration } from '../../../lib/duration.ts'
import { problemOfPattern } from '../values/date-pattern.ts'
import { INDEX_TYPES } from '../values/index-value.ts'
import { METRIC_TYPES } from '../module.ts'
import { RegexError, compileRegex } from './regex.ts'

/**
 * The keys of snmp_exporter's snmp.yml, from v0.21 on: newer ones are known in an older file, too. Values are checked,
 * what they have to do with each other is not.
 */

const MAX_SUB_ID = 4_294_967_295

/** As answers have it: without the dot in front that some write, or zeros in front of a number: texts of OIDs are compared. */
const oid = z
  .string({ error: 'expected an OID such as 1.3.6.1.2.1.1.3' })
  .transform((given, context) => {
    const plain = given.replace(/^\./, '')
    const parts = plain.split('.')
    const isOid =
      /^[0-2](\.\d{1,10})*$/.test(plain) && parts.every((part) => Number(part) <= MAX_SUB_ID)
    if (isOid && parts.length <= 128) return parts.map(Number).join('.')
    context.addIssue({ code: 'custom', message: 'expected an OID such as 1.3.6.1.2.1.1.3' })
    return z.NEVER
  })

const regex = (isWhole: boolean) =>
  z.string({ error: 'expected a regular expression' }).transform((given, context) => {
    try {
      return compileRegex(given, { isWhole })
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      const message = `expected a regular expression of Go's syntax (${error.message})`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  })

const number = z.preprocess(
  (given) => (typeof given === 'string' && given.trim() !== '' ? Number(given) : given),
  z.number({ error: 'expected a number' }),
)

const enumValues = z.record(
  z.string().regex(/^-?\d{1,10}$/, { error: 'expected whole numbers as keys' }),
  text,
)

const metricName = z.string().regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, {
  error: 'expected the name of a metric: letters, digits, _ and :, with no digit first',
})

const index = z.strictObject({
  labelname: labelName,
  type: z.enum(INDEX_TYPES),
  fixed_size: whole(0, 128).optional(),
  implied: flag.optional(),
  enum_values: enumValues.optional(),
  display_hint: z.string().optional(),
})

const lookup = z.strictObject({
  labels: z.array(labelName).default([]),
  labelname: labelName,
  oid: oid.optional(),
  // Of a type without a form of its own the octets are hex.
  type: z.enum([...METRIC_TYPES, 'Integer', 'Integer32', '']).default(''),
  enum_values: enumValues.optional(),
  display_hint: z.string().optional(),
})

const metric = z.strictObject({
  name: metricName,
  oid,
  type: z.enum(METRIC_TYPES),
  help: z.string().optional(),
  indexes: z.array(index).default([]),
  lookups: z.array(lookup).default([]),
  regex_extracts: z
    .record(
      z.string().regex(/^[A-Za-z0-9_:]*$/, { error: 'expected the end of a metric’s name' }),
      z.array(z.strictObject({ regex: regex(true), value: z.string().default('$1') })),
    )
    .optional(),
  enum_values: enumValues.optional(),
  datetime_pattern: z
    .string()
    .superRefine((given, { addIssue }) => {
      const message = problemOfPattern(given)
      if (message !== null) addIssue({ code: 'custom', message })
    })
    .optional(),
  display_hint: z.string().optional(),
  scale: number.optional(),
  offset: number.optional(),
})

const filter = z.strictObject({
  oid,
  targets: z.array(oid).default([]),
  values: z.array(regex(false)).default([]),
})

const parts = {
  walk: z.array(oid).default([]),
  get: z.array(oid).default([]),
  metrics: z.array(metric).default([]),
  filters: z.array(filter).default([]),
  max_repetitions: whole(0, 2_147_483_647).optional(),
  retries: whole(0, 100).optional(),
  timeout: duration({ min: '1ms' }).optional(),
  allow_nonincreasing_oids: flag.optional(),
  use_unconnected_udp_socket: flag.optional(),
}

export const moduleSchema = z.strictObject(parts)

/** Of v0.21 and before: a module has its own credentials, which are checked by themselves. */
export const oldModuleSchema = z.strictObject({
  ...parts,
  version: z.unknown().optional(),
  auth: z.unknown().optional(),
})

const byName = z.record(requiredText('a name'), z.unknown())

/** Since v0.22 the credentials stand beside the modules. */
export const splitSchema = z.strictObject({
  auths: byName.default({}),
  modules: byName.default({}),
  version: z.unknown().optional(),
})

/** A user's passwords may be there for a community, too: only those of the version count. */
export const authSchema = z.strictObject({
  version: z.enum(['1', '2', '3']).default('2'),
  community: z.string().default('public'),
  username: z.string().optional(),
  security_level: z.enum(['noAuthNoPriv', 'authNoPriv', 'authPriv']).default('noAuthNoPriv'),
  password: z.string().optional(),
  auth_protocol: z.string().default('MD5'),
  priv_protocol: z.string().default('DES'),
  priv_password: z.string().optional(),
  context_name: z.string().optional(),
})

export type YmlModule = z.output<typeof moduleSchema>
export type YmlMetric = YmlModule['metrics'][number]
export type YmlAuth = z.output<typeof authSchema>
