import { z } from '@hono/zod-openapi'
import { passwordSchema, tokenNameSchema, userNameSchema } from '../../lib/auth/account.ts'
import { ROLES, scopeSchema } from '../../lib/auth/grant.ts'
import { instantText } from '../decisions/fields.ts'

// What is sent and told about sessions, users and tokens. No answer has a password, a hash, or a token but a new one.

const role = z.enum(ROLES, { error: `expected one of ${ROLES.join(', ')}` })
const scope = scopeSchema.nullable()
const time = z.iso.datetime()
const toldScope = z
  .strictObject({
    regions: z.array(z.string()).readonly(),
    branches: z.array(z.string()).readonly(),
  })
  .nullable()
  .describe('Sees devices of any of these; null: the whole fleet')

export const sessionSchema = z
  .strictObject({
    authenticated: z.boolean(),
    name: z.string(),
    kind: z.enum(['open', 'user', 'token']),
    role,
    scope: toldScope,
    open_access: z.boolean().describe('Whether anybody may read'),
    login: z.strictObject({
      password: z.boolean(),
      oidc: z.string().nullable().describe('The label of the button'),
    }),
    needs_first_admin: z.boolean(),
  })
  .openapi('Session')

const sentPassword = z.string({ error: 'expected a password' }).max(1_000)

export const signInBody = z.strictObject({
  user: z.string({ error: 'expected a name' }).min(1, { error: 'expected a name' }).max(200),
  password: sentPassword,
})

export const claimBody = z.strictObject({
  code: z.string({ error: 'expected the code of the link' }).min(1).max(200),
  user: userNameSchema,
  password: passwordSchema,
})

export const userSchema = z
  .strictObject({
    name: z.string(),
    role,
    scope: toldScope,
    signs_in: z.enum(['password', 'oidc']),
    created_at: time,
    last_login_at: time.nullable(),
    disabled: z.boolean(),
  })
  .openapi('User')

export const newUserBody = z.strictObject({
  name: userNameSchema,
  password: passwordSchema,
  role,
  scope: scope.default(null),
})

export const changedUserBody = z
  .strictObject({
    role: role.optional(),
    scope: scope.optional(),
    disabled: z.boolean({ error: 'expected true or false' }).optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    error: 'expected role, scope or disabled',
  })

export const newPasswordBody = z.strictObject({
  password: passwordSchema,
  current: sentPassword.optional().describe('For one of your own'),
})

export const tokenSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role,
    scope: toldScope,
    created_at: time,
    created_by: z.string(),
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
  })
  .openapi('Token')

export const createdTokenSchema = tokenSchema
  .extend({ token: z.string().describe('Told this once') })
  .openapi('NewToken')

export const newTokenBody = z.strictObject({
  name: tokenNameSchema,
  role,
  scope: scope.default(null),
  expires_at: instantText.nullable().default(null),
})

export const auditEntrySchema = z
  .strictObject({
    at: time,
    who: z.string(),
    what: z.string(),
    id: z.string(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .openapi('AuditEntry')
