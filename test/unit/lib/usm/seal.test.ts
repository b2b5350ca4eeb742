import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { PRIV_PROTOCOLS } from '../../../../lib/config/credential.ts'
import { Secret } from '../../../../lib/secret.ts'
import { type PrivKey, deriveUserKeys, localiseKeys } from '../../../../lib/usm/keys.ts'
import { CIPHERS, DIGESTS } from '../../../../lib/usm/protocols.ts'
import { decrypt, encrypt, isSigned, sign } from '../../../../lib/usm/seal.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const ENGINE = { boots: 0x00010203, time: 0x04050607 }

test('AES is CFB with boots, time and salt for IV: the vector of NIST SP 800-38A §F.3.13', () => {
  const key = createSecretKey(bytes('2b7e151628aed2a6abf7158809cf4f3c'))
  const plain = decrypt(
    { cipher: CIPHERS.AES, key, preIv: null },
    bytes('3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b'),
    bytes('08090a0b0c0d0e0f'),
    ENGINE,
  )
  expect(plain.toString('hex')).toBe(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51',
  )
})

test("DES is single DES, though OpenSSL has it no longer: FIPS 81's vector of CBC", () => {
  const key = createSecretKey(bytes('0123456789abcdef'.repeat(3)))
  const plain = decrypt(
    { cipher: CIPHERS.DES, key, preIv: bytes('1234567890abcdef') },
    bytes('e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6'),
    bytes('0000000000000000'),
    ENGINE,
  )
  expect(plain.toString()).toBe('Now is the time for all ')
})

async function privKey(protocol: (typeof PRIV_PROTOCOLS)[number]): Promise<PrivKey> {
  const user = await deriveUserKeys({
    version: '3',
    user: 'u',
    auth_protocol: 'SHA256',
    auth_password: new Secret('auth-password'),
    priv_protocol: protocol,
    priv_password: new Secret('priv-password'),
  })
  const { priv } = await localiseKeys(user, bytes('80001f8804'))
  if (priv === null) throw new Error('no key')
  return priv
}

test.each(PRIV_PROTOCOLS)(
  '%s gives back what it encrypted, under a new salt each time',
  async (p) => {
    const key = await privKey(p)
    const plain = Buffer.from('thirteen byte')
    const messages = Array.from({ length: 300 }, () => encrypt(key, plain, ENGINE))
    for (const { sealed, salt } of messages) {
      expect(decrypt(key, sealed, salt, ENGINE).subarray(0, plain.length)).toEqual(plain)
    }
    expect(new Set(messages.map(({ salt }) => salt.toString('hex'))).size).toBe(300)
  },
)

test.each([
  ['DES', 12, 8],
  ['DES', 16, 7],
  ['AES', 16, 0],
] as const)('%s of %i bytes under a salt of %i throws', async (protocol, length, salt) => {
  const key = await privKey(protocol)
  expect(() => decrypt(key, Buffer.alloc(length), Buffer.alloc(salt), ENGINE)).toThrow(RangeError)
})

test('a message is signed by its own digest alone, and is the same after it was looked at', () => {
  const auth = { digest: DIGESTS.SHA256, key: createSecretKey(Buffer.alloc(32, 7)) }
  const message = Buffer.concat([Buffer.from('head'), Buffer.alloc(24), Buffer.from('tail')])
  sign(auth, message).copy(message, 4)
  const before = Buffer.from(message)
  expect(isSigned(auth, message, 4, 24)).toBe(true)
  expect(message).toEqual(before)
  for (let i = 0; i < message.length; i++) {
    const forged = Buffer.from(message)
    forged[i] = (forged[i] ?? 0) ^ 1
    expect(isSigned(auth, forged, 4, 24)).toBe(false)
  }
  expect(isSigned(auth, message, 4, 12)).toBe(false)
})
