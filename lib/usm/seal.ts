import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { type AuthKey, DES_BLOCK, type PrivKey } from './keys.ts'

/** The digest and the encryption of v3 messages (RFC 3414 §6 to §8, RFC 3826, RFC 7860). */

/** Boots and time of the engine that decides about a message, as it says them. */
export type EngineTime = { readonly boots: number; readonly time: number }

/** For a message whose place for the digest is zeros. */
export function sign({ digest, key }: AuthKey, message: Buffer): Buffer {
  return createHmac(digest.algorithm, key)
    .update(message)
    .digest()
    .subarray(0, digest.signatureBytes)
}

/** Whether the digest at `at` is the one that the key gives the rest of the message. */
export function isSigned(auth: AuthKey, message: Buffer, at: number, bytes: number): boolean {
  if (bytes !== auth.digest.signatureBytes) return false
  const place = message.subarray(at, at + bytes)
  const given = Buffer.from(place)
  place.fill(0)
  const own = sign(auth, message)
  given.copy(place)
  return timingSafeEqual(given, own)
}

export const SALT_BYTES = 8
const AES_BLOCK = 16

/** What never comes twice under a key: a counter that starts anywhere (RFC 3826 §3.1.2.1, RFC 3414 §8.1.1.1). */
const counter = randomBytes(SALT_BYTES)

function nextSalt(): Buffer {
  for (let i = SALT_BYTES - 1; i >= 0; i--) {
    const byte = ((counter[i] ?? 0) + 1) & 0xff
    counter[i] = byte
    if (byte !== 0) break
  }
  return Buffer.from(counter)
}

export function encrypt(
  priv: PrivKey,
  plain: Buffer,
  engine: EngineTime,
): { readonly sealed: Buffer; readonly salt: Buffer } {
  const salt = nextSalt()
  const { cipher, key, preIv } = priv
  if (preIv === null) {
    const aes = createCipheriv(cipher.algorithm, key, aesIv(engine, salt))
    return { sealed: aes.update(plain), salt }
  }
  // The end of a PDU says itself where it is: what fills its last block is not looked at.
  const padded = Buffer.alloc(Math.ceil(plain.length / DES_BLOCK) * DES_BLOCK)
  plain.copy(padded)
  const des = createCipheriv(cipher.algorithm, key, desIv(preIv, salt)).setAutoPadding(false)
  return { sealed: des.update(padded), salt }
}

/** Throws for a salt or a length that the cipher can't have. A wrong key gives nonsense: the digest is what is checked. */
export function decrypt(priv: PrivKey, sealed: Buffer, salt: Buffer, engine: EngineTime): Buffer {
  const { cipher, key, preIv } = priv
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt of ${salt.length} bytes`)
  if (preIv === null) {
    return createDecipheriv(cipher.algorithm, key, aesIv(engine, salt)).update(sealed)
  }
  if (sealed.length % DES_BLOCK !== 0) throw new RangeError('DES: half a block')
  return createDecipheriv(cipher.algorithm, key, desIv(preIv, salt))
    .setAutoPadding(false)
    .update(sealed)
}

function aesIv({ boots, time }: EngineTime, salt: Buffer): Buffer {
  const iv = Buffer.allocUnsafe(AES_BLOCK)
  iv.writeUInt32BE(boots, 0)
  iv.writeUInt32BE(time, 4)
  salt.copy(iv, 8)
  return iv
}

function desIv(preIv: Buffer, salt: Buffer): Buffer {
  const iv = Buffer.allocUnsafe(DES_BLOCK)
  for (let i = 0; i < DES_BLOCK; i++) iv[i] = (preIv[i] ?? 0) ^ (salt[i] ?? 0)
  return iv
}
