import * as library from 'net-snmp'
import type {
  AuthProtocol,
  PrivProtocol,
  UserCredential,
} from '../../../../lib/config/credential.ts'
import type { SessionSocket } from '../endpoint.ts'

/** The one door to net-snmp: what v3 uses of it, in types that say what 3.29 does (@types/net-snmp is of 3.23). */

export { RequestFailedError, ResponseInvalidError } from 'net-snmp'

/** ResponseInvalidError's code for an authentic message whose boots or time went back; since 3.27. */
export const NOT_IN_TIME_WINDOW = 14

/** Called by net-snmp with a user's `authKey` and `privKey` as `key`, whatever they are. Replaced by usm.ts. */
export const { Authentication, Encryption } = library as unknown as {
  readonly Authentication: {
    writeParameters(
      message: Buffer,
      protocol: number,
      key: unknown,
      engineId: Buffer,
      place: Buffer,
    ): void
    isAuthentic(
      message: Buffer,
      protocol: number,
      key: unknown,
      engineId: Buffer,
      place: Buffer,
    ): boolean
    calculateDigest(message: Buffer, protocol: number, key: unknown, engineId: Buffer): Buffer
  }
  readonly Encryption: {
    encryptPdu(
      protocol: number,
      plain: Buffer,
      key: unknown,
      authProtocol: number,
      engine: Engine,
    ): { encryptedPdu: Buffer; msgPrivacyParameters: Buffer }
    decryptPdu(
      protocol: number,
      sealed: Buffer,
      salt: Buffer,
      key: unknown,
      authProtocol: number,
      engine: Engine,
    ): Buffer
  }
}

export type Engine = {
  readonly engineID: Buffer
  readonly engineBoots: number
  readonly engineTime: number
}

export type User = {
  readonly name: string
  readonly level: number
  readonly authProtocol?: number
  readonly authKey?: unknown
  readonly privProtocol?: number
  readonly privKey?: unknown
}

export type LibraryVarbind = {
  readonly oid: string
  readonly type: number
  readonly value: unknown
}

export type Message = {
  readonly msgGlobalData: { msgID: number; readonly msgFlags: number }
  readonly msgSecurityParameters: { readonly msgAuthoritativeEngineID: Buffer }
  readonly pdu: {
    id: number
    readonly type: number
    readonly varbinds: readonly LibraryVarbind[]
  }
}

export type Answer<T = never> = (error: Error | null, varbinds?: T[]) => void

export type Req = { readonly message: Message; readonly responseCb: Answer }

/** A session's inside, too: what it knows of its agent's engine, and the steps that have to be watched. */
type Library = {
  on(event: 'error', listener: (error: Error) => void): void
  get(oids: string[], answer: Answer<LibraryVarbind>): void
  getNext(oids: string[], answer: Answer<LibraryVarbind>): void
  getBulk(
    oids: string[],
    nonRepeaters: number,
    repetitions: number,
    answer: Answer<LibraryVarbind | LibraryVarbind[]>,
  ): void
  /** Forgets a request that waits; its callback isn't called. */
  unregisterRequest(id: number): void

  msgSecurityParameters: { readonly msgAuthoritativeEngineID: Buffer } | undefined
  engineTimeBoots: number | null
  engineTimeBase: number | null
  engineTimeReceivedAt: number | null
  latestReceivedEngineTime: number | null

  /** Encodes and sends. */
  send(req: Req, noWait?: boolean): unknown
  /** Before a request, and again when a report told the engine's id or time. */
  sendV3Req(
    pdu: unknown,
    feed: unknown,
    answer: Answer,
    options: unknown,
    port: number,
    allowReport: boolean,
  ): void
  /** With every message whose digest was right, or that has none. */
  setEngineTime(message: Message): void
  /** With a response of any status; called as the request's method. */
  onSimpleGetResponse: (req: Req, message: Message) => void
}

export const Session = library.Session as unknown as {
  readonly prototype: Library
  new (
    target: string,
    user: User,
    options: {
      readonly version: number
      readonly port: number
      readonly transport: 'udp4' | 'udp6'
      readonly dgramModule: { createSocket(): SessionSocket }
      readonly retries: number
      readonly timeout: number
      readonly context: string
      readonly engineID: Buffer
    },
  ): Library
}

/** What net-snmp does with a response: the values or the status, to the request's callback. */
export const respond = (req: Req, message: Message): void =>
  Session.prototype.onSimpleGetResponse(req, message)

const AUTH: Readonly<Record<AuthProtocol, number>> = {
  MD5: library.AuthProtocols.md5,
  SHA: library.AuthProtocols.sha,
  SHA224: library.AuthProtocols.sha224,
  SHA256: library.AuthProtocols.sha256,
  SHA384: library.AuthProtocols.sha384,
  SHA512: library.AuthProtocols.sha512,
}
const PRIV: Readonly<Record<PrivProtocol, number>> = {
  DES: library.PrivProtocols.des,
  AES: library.PrivProtocols.aes,
  AES256: library.PrivProtocols.aes256b,
  AES256C: library.PrivProtocols.aes256r,
}

/** `key` is what Authentication and Encryption are called with. */
export function userOf(credential: UserCredential, key: unknown): User {
  const { user: name, auth_protocol, priv_protocol } = credential
  if (auth_protocol === undefined) return { name, level: library.SecurityLevel.noAuthNoPriv }
  const signing = { name, authProtocol: AUTH[auth_protocol], authKey: key }
  if (priv_protocol === undefined) return { ...signing, level: library.SecurityLevel.authNoPriv }
  const privProtocol = PRIV[priv_protocol]
  return { ...signing, level: library.SecurityLevel.authPriv, privProtocol, privKey: key }
}
