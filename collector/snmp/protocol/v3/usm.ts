import type { UserCredential } from '../../../../lib/config/credential.ts'
import {
  type AuthKey,
  type EngineKeys,
  type PrivKey,
  type UserKeys,
  deriveUserKeys,
  localiseKeys,
} from '../../../../lib/usm/keys.ts'
import { decrypt, encrypt, isSigned, sign } from '../../../../lib/usm/seal.ts'
import { Authentication, Encryption, type Engine } from './net-snmp.ts'

/**
 * The keys of one session, in place of a password in net-snmp's user. net-snmp itself hashes a megabyte for each engine, keeps
 * the result under the password's text for ever, hands keys over as bytes (which costs 15 µs a time in Node 24, four times a
 * request) and has no DES that OpenSSL 3 would do.
 */
export class Keyring {
  readonly #credential: UserCredential
  #user: UserKeys | null = null
  /** The last engine's: a session has one agent, and few agents are ever replaced. */
  #engine: { readonly id: Buffer; readonly keys: EngineKeys } | null = null
  #verified: Buffer | null = null

  constructor(credential: UserCredential) {
    this.#credential = credential
  }

  /** Null when there is nothing to wait for. To be called before anything else. */
  open(): Promise<void> | null {
    if (this.#user !== null) return null
    return deriveUserKeys(this.#credential).then((user) => {
      this.#user = user
    })
  }

  /** Makes the keys for an engine, unless it was the last one, too. Null when there is nothing to wait for. */
  prepare(engineId: Buffer): Promise<void> | null {
    if (this.#user === null) throw new Error('the keyring is not open')
    if (this.#engine?.id.equals(engineId) === true) return null
    const id = Buffer.from(engineId)
    const keys = localiseKeys(this.#user, id)
    if (!(keys instanceof Promise)) {
      this.#engine = { id, keys }
      return null
    }
    return keys.then((made) => {
      this.#engine = { id, keys: made }
    })
  }

  /** Whether the engine signed this packet. What net-snmp asks about the same packet next is known then. */
  verify(packet: Buffer, engineId: Buffer, digestAt: number, digestBytes: number): boolean {
    const auth = this.keysOf(engineId)?.auth ?? null
    const isRight = auth !== null && isSigned(auth, packet, digestAt, digestBytes)
    this.#verified = isRight ? packet : null
    return isRight
  }

  isVerified(packet: Buffer): boolean {
    return this.#verified === packet
  }

  /** Null for another engine than the last one. */
  keysOf(engineId: Buffer): EngineKeys | null {
    return this.#engine?.id.equals(engineId) === true ? this.#engine.keys : null
  }
}

// From here on every session of net-snmp in this process has a Keyring for its keys.

Authentication.writeParameters = (message, _protocol, keyring, engineId, place) => {
  sign(authOf(keyring, engineId), message).copy(place)
}

// The guard has checked the digest before net-snmp saw the packet.
Authentication.isAuthentic = (message, _protocol, keyring) =>
  keyring instanceof Keyring && keyring.isVerified(message)

// Asked for the text of an error alone.
Authentication.calculateDigest = (message, _protocol, keyring, engineId) =>
  sign(authOf(keyring, engineId), message)

Encryption.encryptPdu = (_protocol, plain, keyring, _authProtocol, engine) => {
  const { sealed, salt } = encrypt(privOf(keyring, engine.engineID), plain, timeOf(engine))
  return { encryptedPdu: sealed, msgPrivacyParameters: salt }
}

Encryption.decryptPdu = (_protocol, sealed, salt, keyring, _authProtocol, engine) =>
  decrypt(privOf(keyring, engine.engineID), sealed, salt, timeOf(engine))

const timeOf = ({ engineBoots, engineTime }: Engine) => ({ boots: engineBoots, time: engineTime })

const authOf = (keyring: unknown, engineId: Buffer): AuthKey => keyOf(keyring, engineId, 'auth')
const privOf = (keyring: unknown, engineId: Buffer): PrivKey => keyOf(keyring, engineId, 'priv')

function keyOf<K extends keyof EngineKeys>(
  keyring: unknown,
  engineId: Buffer,
  which: K,
): NonNullable<EngineKeys[K]> {
  const key = keyring instanceof Keyring ? keyring.keysOf(engineId)?.[which] : undefined
  if (key === undefined || key === null) throw new Error(`no ${which} key for this engine`)
  return key
}
