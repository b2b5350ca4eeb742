import { z } from 'zod'
import { unseenIn } from '../invisible.ts'
import { ROLES, scopeSchema } from './grant.ts'

/** Who may sign in, and with what. As kept in Redis; instants are Unix milliseconds. */

const MOST_NAME = 64
/** They stand for something else where a name is told. */
const TAKEN = new Set(['anybody', 'wardline', 'configuration'])

export const userNameSchema = z
  .string({ error: 'expected a name' })
  .max(MOST_NAME, { error: `expected a name of at most ${MOST_NAME} characters` })
  .refine((name) => /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]*$/u.test(name), {
    error:
      'expected a name of letters, digits and . _ @ + -, which begins with a letter or a digit',
  })
  .refine((name) => !TAKEN.has(name.toLowerCase()), {
    error: "expected another name: this one is wardline's own",
  })
  .meta({ examples: ['nino'] })

const SHORTEST = 12
const LONGEST = 256

export const passwordSchema = z
  .string({ error: 'expected a password' })
  .min(SHORTEST, { error: `expected a password of at least ${SHORTEST} characters` })
  .max(LONGEST, { error: `expected a password of at most ${LONGEST} characters` })
  .meta({ examples: ['a few words of your own'] })

const instant = z.number().int().nonnegative()
const grant = { role: z.enum(ROLES), scope: scopeSchema.nullable() }

export const userSchema = z.strictObject({
  name: userNameSchema,
  ...grant,
  /** Null: signs in with the provider. */
  password: z.string().nullable(),
  /** Whom the provider means by it. */
  oidc: z.strictObject({ issuer: z.string(), subject: z.string() }).nullable(),
  disabled: z.boolean(),
  createdAt: instant,
  /** Sessions of another epoch are over: a password was changed, somebody was disabled. */
  epoch: z.string(),
})

export const tokenSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string(),
  ...grant,
  hash: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  /** Null: never. */
  expiresAt: instant.nullable(),
})

export const tokenNameSchema = z
  .string({ error: 'expected a name' })
  .trim()
  .min(1, { error: 'expected a name: what the token is for' })
  .max(MOST_NAME, { error: `expected a name of at most ${MOST_NAME} characters` })
  .refine((name) => !/\p{Cc}/u.test(name) && unseenIn(name) === null, {
    error: 'expected a name without control or invisible characters',
  })
  .meta({ examples: ['grafana'] })

export type User = z.output<typeof userSchema>
export type Token = z.output<typeof tokenSchema>

/** What the audit log may have of somebody: no hash. */
export const auditedUser = ({ name, role, scope, disabled, oidc }: User): object => ({
  name,
  role,
  scope,
  disabled,
  signs_in: oidc === null ? 'password' : 'oidc',
})

export const auditedToken = ({ name, role, scope, expiresAt }: Token): object => ({
  name,
  role,
  scope,
  expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
})
