import { type KeyObject, createHash, createSecretKey, hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { AuthProtocol, UserCredential } from '../config/credential.ts'
import type { Secret } from '../secret.ts'
import { CIPHERS, type Cipher, DIGESTS, type Digest } from './protocols.ts'

/** What a user's passwords amount to, the same for every engine (RFC 3414 §2.6: Ku). Null for what the level leaves out. */
export type UserKeys = {
  readonly auth: { readonly digest: Digest; readonly key: Buffer } | null
  readonly priv: { readonly digest: Digest; readonly key: Buffer; readonly cipher: Cipher } | null
}

/** A user's keys for one engine (Kul). Key objects: node:crypto takes five times as long when it gets a key as bytes. */
export type EngineKeys = { readonly auth: AuthKey | null; readonly priv: PrivKey | null }
export type AuthKey = { readonly digest: Digest; readonly key: KeyObject }
export type PrivKey = {
  readonly cipher: Cipher
  readonly key: KeyObject
  /** DES alone: what the salt is mixed with. */
  readonly preIv: Buffer | null
}

/** A password is hashed a megabyte long (RFC 3414 §A.2): 1.5 ms, so it is done once, in slices that let others in between. */
const PASSWORD_BYTES = 1_048_576
const SLICE_BYTES = 65_536

export async function deriveUserKeys(credential: UserCredential): Promise<UserKeys> {
  const { auth_protocol, auth_password, priv_protocol, priv_password } = credential
  if (auth_protocol === undefined || auth_password === undefined) return { auth: null, priv: null }
  const digest = DIGESTS[auth_protocol]
  const auth = { digest, key: await passwordKey(auth_protocol, auth_password) }
  if (priv_protocol === undefined || priv_password === undefined) return { auth, priv: null }
  const key = await passwordKey(auth_protocol, priv_password)
  return { auth, priv: { digest, key, cipher: CIPHERS[priv_protocol] } }
}

/**
 * The keys for one engine: microseconds. A promise for Reeder's extension of a digest that is too short alone: that one
 * hashes another megabyte for each engine.
 */
export function localiseKeys(user: UserKeys, engineId: Buffer): EngineKeys | Promise<EngineKeys> {
  const auth = user.auth && {
    digest: user.auth.digest,
    key: createSecretKey(localise(user.auth.digest, user.auth.key, engineId)),
  }
  if (user.priv === null) return { auth, priv: null }
  const { digest, cipher } = user.priv
  const short = localise(digest, user.priv.key, engineId)
  if (short.length >= cipher.keyBytes || cipher.extension !== 'reeder') {
    return { auth, priv: privKey(cipher, blumenthal(digest, short, cipher.keyBytes)) }
  }
  return reeder(digest, short, engineId).then((long) => ({ auth, priv: privKey(cipher, long) }))
}

/** Kept for as long as the password itself is, and never under its text. */
const passwordKeys = new WeakMap<Secret, Map<AuthProtocol, Promise<Buffer>>>()

function passwordKey(protocol: AuthProtocol, password: Secret): Promise<Buffer> {
  let known = passwordKeys.get(password)
  if (known === undefined) passwordKeys.set(password, (known = new Map()))
  let key = known.get(protocol)
  if (key === undefined) {
    key = hashRepeated(DIGESTS[protocol], Buffer.from(password.reveal()))
    known.set(protocol, key)
  }
  return key
}

async function hashRepeated({ algorithm }: Digest, password: Buffer): Promise<Buffer> {
  const repeated = Buffer.alloc(PASSWORD_BYTES, password)
  const hashed = createHash(algorithm)
  for (let at = 0; at < PASSWORD_BYTES; at += SLICE_BYTES) {
    hashed.update(repeated.subarray(at, at + SLICE_BYTES))
    await setImmediate()
  }
  return hashed.digest()
}

function localise({ algorithm }: Digest, key: Buffer, engineId: Buffer): Buffer {
  return hash(algorithm, Buffer.concat([key, engineId, key]), 'buffer')
}

/** draft-blumenthal-aes-usm-04 §3.1.2.1: each further piece is the digest of all before it. */
function blumenthal({ algorithm }: Digest, short: Buffer, bytes: number): Buffer {
  let key = short
  while (key.length < bytes) key = Buffer.concat([key, hash(algorithm, key, 'buffer')])
  return key
}

/** draft-reeder-snmpv3-usm-3desede-00 §2.1: the key so far is a password, whose key for this engine is the next piece. */
async function reeder(digest: Digest, short: Buffer, engineId: Buffer): Promise<Buffer> {
  const next = localise(digest, await hashRepeated(digest, short), engineId)
  return Buffer.concat([short, next])
}

function privKey(cipher: Cipher, localised: Buffer): PrivKey {
  const key = localised.subarray(0, cipher.keyBytes)
  if (cipher.algorithm !== CIPHERS.DES.algorithm) {
    return { cipher, key: createSecretKey(key), preIv: null }
  }
  return {
    cipher,
    key: createSecretKey(Buffer.concat([key, key, key])),
    preIv: localised.subarray(cipher.keyBytes, cipher.keyBytes + DES_BLOCK),
  }
}

export const DES_BLOCK = 8
