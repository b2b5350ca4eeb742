import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { credentialSchema } from '../../../../lib/config/credential.ts'
import { formatPath, validate } from '../../../../lib/config/explain.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import { isHidden } from '../../../../lib/config/secrets.ts'

const USER = { version: '3', user: 'wardline' }
const AUTH = { ...USER, auth_protocol: 'SHA256', auth_password: 'auth-password' }
const PRIV = { ...AUTH, priv_protocol: 'AES', priv_password: 'priv-password' }

/** What is wrong with one credential, as `wardline check` says it. */
function problemsOf(credential: object): string[] {
  const checked = validate(configSchema, { credentials: { core: credential } }, { isHidden })
  if (checked.ok) return []
  return checked.findings.map(({ path, message }) => `${formatPath(path)}: ${message}`)
}

test.each<readonly [string, object]>([
  ['a community of v1', { version: '1', community: 'public' }],
  ['a community of v2c', { version: '2c', community: 'public' }],
  ['noAuthNoPriv: a user alone', USER],
  ['authNoPriv', AUTH],
  ['authPriv with a context', { ...PRIV, context: 'vlan-10' }],
  ...['MD5', 'SHA', 'SHA224', 'SHA256', 'SHA384', 'SHA512'].map(
    (auth_protocol): [string, object] => [auth_protocol, { ...AUTH, auth_protocol }],
  ),
  ...['DES', 'AES', 'AES256', 'AES256C'].map((priv_protocol): [string, object] => [
    priv_protocol,
    { ...PRIV, priv_protocol },
  ]),
])('a credential may be %s', (_what, credential) => {
  expect(problemsOf(credential)).toEqual([])
})

test.each<readonly [string, object, string[]]>([
  [
    'another version',
    { version: '2', community: 'public' },
    ['credentials.core.version: expected one of 1, 2c, 3, got "2"'],
  ],
  [
    'no version',
    { community: 'public' },
    ['credentials.core.version: expected one of 1, 2c, 3, got nothing'],
  ],
  ['v3 without a user', { version: '3' }, ['credentials.core.user: expected a text']],
  [
    'a community beside v3',
    { ...USER, community: 'public' },
    [
      'credentials.core.community: unknown key, expected one of version, user, auth_protocol, auth_password, priv_protocol, priv_password, context',
    ],
  ],
  [
    'privacy without authentication',
    { ...USER, priv_protocol: 'AES', priv_password: 'priv-password' },
    [
      'credentials.core.auth_protocol: expected auth_protocol and auth_password: SNMPv3 has no privacy without authentication, got nothing',
    ],
  ],
  [
    'a protocol without its password',
    { ...USER, auth_protocol: 'SHA' },
    [
      'credentials.core.auth_password: expected auth_password beside auth_protocol: neither does anything alone',
    ],
  ],
  [
    'a password without its protocol',
    { ...AUTH, priv_password: 'priv-password' },
    [
      'credentials.core.priv_protocol: expected priv_protocol beside priv_password: neither does anything alone, got nothing',
    ],
  ],
  [
    'a short password, which is not repeated',
    { ...AUTH, auth_password: 'seven77' },
    [
      'credentials.core.auth_password: expected a password of at least 8 characters, as RFC 3414 asks',
    ],
  ],
  [
    'AES-192',
    { ...PRIV, priv_protocol: 'AES192' },
    [
      'credentials.core.priv_protocol: expected one of DES, AES, AES256, AES256C (AES is AES-128; AES192 and 3DES are not supported), got "AES192"',
    ],
  ],
  [
    'a slip in the protocol',
    { ...AUTH, auth_protocol: 'SHA-256' },
    [
      'credentials.core.auth_protocol: expected one of MD5, SHA, SHA224, SHA256, SHA384, SHA512, got "SHA-256", did you mean SHA256?',
    ],
  ],
  [
    'a user longer than RFC 3411 has it',
    { ...USER, user: 'u'.repeat(33) },
    ['credentials.core.user: expected a name of at most 32 bytes'],
  ],
])('refused with a message that says what to do: %s', (_what, credential, problems) => {
  expect(problemsOf(credential)).toEqual(problems)
})

test('passwords are secrets: nothing that prints a credential shows them', () => {
  const credential = credentialSchema.parse(PRIV)
  const printed = JSON.stringify(credential) + inspect(credential)
  expect(printed).not.toMatch(/auth-password|priv-password/)
  expect(printed).toContain('"auth_password":"<secret>"')
  expect(printed).toContain('"priv_password":"<secret>"')
})
