import { z } from 'zod'
import { requiredText, secret, text } from './fields.ts'

/** How wardline proves to an SNMP agent who asks: a community (v1, v2c) or a user (v3, RFC 3414). */

export const AUTH_PROTOCOLS = ['MD5', 'SHA', 'SHA224', 'SHA256', 'SHA384', 'SHA512'] as const
/** AES is AES-128. The AES256 pair differs in how a key grows out of a short digest: Blumenthal's way, and Reeder's (Cisco's). */
export const PRIV_PROTOCOLS = ['DES', 'AES', 'AES256', 'AES256C'] as const

export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number]
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[number]

const VERSIONS = ['1', '2c', '3'] as const
/** RFC 3411 §5: a name in SNMP's administration has 32 octets at most. */
const NAME_BYTES = 32
/** RFC 3414 §11.2; agents refuse shorter ones. */
const PASSWORD_LENGTH = 8

const password = secret.refine((given) => given.reveal().length >= PASSWORD_LENGTH, {
  error: `expected a password of at least ${PASSWORD_LENGTH} characters, as RFC 3414 asks`,
})

const fitsName = (name: string): boolean => Buffer.byteLength(name) <= NAME_BYTES

const communitySchema = z.strictObject({
  version: z.enum(['1', '2c']),
  community: secret.describe('Text, ${ENV} or file:/path'),
})

const userSchema = z
  .strictObject({
    version: z.literal('3'),
    user: requiredText('the name of a user').refine(fitsName, {
      error: `expected a name of at most ${NAME_BYTES} bytes`,
    }),
    auth_protocol: z
      .enum(AUTH_PROTOCOLS)
      .optional()
      .describe('Left out, with auth_password: noAuthNoPriv'),
    auth_password: password.optional().describe('Text, ${ENV} or file:/path'),
    priv_protocol: z
      .enum(PRIV_PROTOCOLS, {
        error: `expected one of ${PRIV_PROTOCOLS.join(', ')} (AES is AES-128; AES192 and 3DES are not supported)`,
      })
      .optional()
      .describe('Left out, with priv_password: authNoPriv'),
    priv_password: password.optional().describe('Text, ${ENV} or file:/path'),
    context: text
      .refine(fitsName, { error: `expected a context of at most ${NAME_BYTES} bytes` })
      .optional()
      .describe("Left out: the agent's default one"),
  })
  .superRefine((given, { addIssue }) => {
    const misses = (key: keyof typeof given, other: keyof typeof given): boolean => {
      if (given[key] !== undefined || given[other] === undefined) return false
      const message = `expected ${key} beside ${other}: neither does anything alone`
      addIssue({ code: 'custom', path: [key], message })
      return true
    }
    const told = [
      misses('auth_protocol', 'auth_password'),
      misses('auth_password', 'auth_protocol'),
      misses('priv_protocol', 'priv_password'),
      misses('priv_password', 'priv_protocol'),
    ]
    if (given.priv_protocol === undefined || given.auth_protocol !== undefined) return
    if (told.includes(true)) return
    const message =
      'expected auth_protocol and auth_password: SNMPv3 has no privacy without authentication'
    addIssue({ code: 'custom', path: ['auth_protocol'], message })
  })

export const credentialSchema = z.discriminatedUnion('version', [communitySchema, userSchema], {
  error: (issue) =>
    issue.code === 'invalid_union' ? `expected one of ${VERSIONS.join(', ')}` : undefined,
})

export type CredentialConfig = z.output<typeof credentialSchema>
/** What `version: '3'` gives: the level of security is what of it is there. */
export type UserCredential = Extract<CredentialConfig, { version: '3' }>
export type CommunityCredential = Exclude<CredentialConfig, UserCredential>
