import type * as nodeCrypto from 'node:crypto'
import { type KeyObject, createHash } from 'node:crypto'
import { Authentication, AuthProtocols, Encryption, PrivProtocols } from 'net-snmp'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  AUTH_PROTOCOLS,
  type AuthProtocol,
  PRIV_PROTOCOLS,
  type PrivProtocol,
  type UserCredential,
} from '../../../../lib/config/credential.ts'
import { Secret } from '../../../../lib/secret.ts'
import { deriveUserKeys, localiseKeys } from '../../../../lib/usm/keys.ts'

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof nodeCrypto>()
  return { ...real, createHash: vi.fn(real.createHash) }
})
const longHashes = vi.mocked(createHash)
beforeEach(() => void longHashes.mockClear())

const ENGINE = Buffer.from('000000000000000000000002', 'hex')

const credentialOf = (
  auth: AuthProtocol,
  priv: PrivProtocol | null,
  [authPassword, privPassword] = ['maplesyrup', 'maplesyrup'],
): UserCredential => ({
  version: '3',
  user: 'u',
  auth_protocol: auth,
  auth_password: new Secret(authPassword),
  ...(priv !== null && { priv_protocol: priv, priv_password: new Secret(privPassword) }),
})

const hex = (key: KeyObject | undefined): string | undefined => key?.export().toString('hex')

test.each([
  ['MD5', '526f5eed9fcce26f8964c2930787d82b'],
  ['SHA', '6695febc9288e36282235fc7151f128497b38f3f'],
] as const)('%s gives the keys of RFC 3414 §A.3', async (protocol, key) => {
  const user = await deriveUserKeys(credentialOf(protocol, null))
  expect(hex((await localiseKeys(user, ENGINE)).auth?.key)).toBe(key)
})

const LIBRARY_AUTH = {
  MD5: AuthProtocols.md5,
  SHA: AuthProtocols.sha,
  SHA224: AuthProtocols.sha224,
  SHA256: AuthProtocols.sha256,
  SHA384: AuthProtocols.sha384,
  SHA512: AuthProtocols.sha512,
} as const
const LIBRARY_PRIV = {
  DES: PrivProtocols.des,
  AES: PrivProtocols.aes,
  AES256: PrivProtocols.aes256b,
  AES256C: PrivProtocols.aes256r,
} as const

describe.each(AUTH_PROTOCOLS)('%s', (auth) => {
  test.each(PRIV_PROTOCOLS)("with %s gives net-snmp's keys", async (priv) => {
    const user = await deriveUserKeys(credentialOf(auth, priv, ['auth-password', 'priv-password']))
    const keys = await localiseKeys(user, ENGINE)
    const algorithm = Encryption.algorithms[LIBRARY_PRIV[priv]]
    const expected = algorithm
      .localizationAlgorithm(algorithm, LIBRARY_AUTH[auth], 'priv-password', ENGINE)
      .toString('hex')
    const authKey = Authentication.passwordToKey(LIBRARY_AUTH[auth], 'auth-password', ENGINE)
    expect(hex(keys.auth?.key)).toBe(authKey.toString('hex'))
    // Triple DES of one key is single DES.
    expect(hex(keys.priv?.key)).toBe(priv === 'DES' ? expected.repeat(3) : expected)
  })
})

test('a password is hashed a megabyte long once, whatever number of users and engines have it', async () => {
  const credential = credentialOf('SHA256', 'AES')
  for (let i = 0; i < 50; i++) {
    const user = await deriveUserKeys(credential)
    await localiseKeys(user, Buffer.from(`engine ${i}`))
  }
  expect(longHashes).toHaveBeenCalledTimes(2)
})

test("only Reeder's extension of a short digest hashes again for each engine", async () => {
  const hashes = async (auth: AuthProtocol, priv: PrivProtocol): Promise<number> => {
    const user = await deriveUserKeys(credentialOf(auth, priv))
    longHashes.mockClear()
    await localiseKeys(user, ENGINE)
    return longHashes.mock.calls.length
  }
  expect(await hashes('SHA', 'AES256')).toBe(0)
  expect(await hashes('SHA256', 'AES256C')).toBe(0)
  expect(await hashes('SHA', 'AES256C')).toBe(1)
})

test('hashing a password leaves the loop free in between', async () => {
  let turns = 0
  let isDone = false
  setImmediate(function again() {
    turns++
    if (!isDone) setImmediate(again)
  })
  await deriveUserKeys(credentialOf('SHA512', null))
  isDone = true
  expect(turns).toBeGreaterThanOrEqual(10)
})

test('a user without passwords has no keys', async () => {
  const user = await deriveUserKeys({ version: '3', user: 'u' })
  expect(await localiseKeys(user, ENGINE)).toEqual({ auth: null, priv: null })
})
