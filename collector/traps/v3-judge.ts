import type { UserCredential } from '../../lib/config/credential.ts'
import { type AuthKey, type EngineKeys, deriveUserKeys, localiseKeys } from '../../lib/usm/keys.ts'
import { WIRE_VERSION } from '../snmp/protocol/message.ts'
import { type EngineTime, decrypt, isSigned } from '../../lib/usm/seal.ts'
import {
  FLAG,
  LEVEL,
  type V3Message,
  openScopedPdu,
  readV3Message,
} from '../snmp/protocol/v3/message.ts'
import { createBudget } from './budget.ts'
import type { LocalEngine } from './engine.ts'
import type { DropReason } from './news.ts'
import { type Notification, readNotification } from './notification.ts'
import { createPeers, isWithinWindow } from './peers.ts'
import { createRepeats } from './repeats.ts'
import type { Allowed, Sender } from './senders.ts'
import { createSpeaker } from './v3-speaker.ts'
import type { Verdict } from './verdict.ts'

/** Decides about messages of v3. Never rejects. */
export type V3Judge = (
  packet: Buffer,
  from: { readonly source: string; readonly sender: Sender; readonly now: number },
) => Promise<Verdict>

type Meant = Allowed & { readonly credential: UserCredential }
type Proven = Meant & { readonly keys: EngineKeys }
type Opened = {
  readonly notification: Notification
  /** The scoped PDU in plain, and where the PDU is in it. */
  readonly scoped: Buffer
  readonly pduAt: number
}

/**
 * What is decoded in a tenth of a second: each costs a digest and a cipher. Sixty are the ports of a switch, which all tell
 * at once. Messages of users who aren't there take nothing of it.
 */
const DECODED = { perSource: 60, inAll: 200 }

/** What comes again byte for byte within the time window, from wherever, is a replay: nothing in UDP sends a trap twice. */
const SEEN = { memoryMs: 300_000, most: 100_000 }

const drop = (reason: DropReason): Verdict => ({ kind: 'dropped', reason })

/**
 * The user-based security model (RFC 3414 §3.2), both ways: of a trap the sender's engine decides about keys and time,
 * of an inform ours does, which its sender asks for first.
 */
export function createV3Judge(engine: LocalEngine): V3Judge {
  const budget = createBudget(DECODED)
  const peers = createPeers()
  const seen = createRepeats(SEEN)
  const ownKeys = new Map<UserCredential, EngineKeys>()
  const speaker = createSpeaker(engine)

  return async (packet, { source, sender, now }) => {
    const message = readV3Message(packet)
    if (message === null) return drop('malformed')
    const isOurs = message.engineId.equals(engine.id)
    const wantsReport = (message.flags & FLAG.reportable) !== 0
    // A trap may ask for a report in error (RFC 3412 §6.4): one that is right is taken as it is.
    const mayAsk = wantsReport && !isOurs && sender.some(({ community }) => community === null)
    const orWhoWeAre = (refusal: DropReason): Verdict =>
      mayAsk ? speaker.unknownEngine(message) : drop(refusal)
    const meant = sender.filter((allowed) => isMeant(allowed, message))
    if (meant.length === 0 && !mayAsk) return drop('auth')
    if (!budget.take(source, now)) return drop('overload')
    if (message.engineId.length === 0) return orWhoWeAre('malformed')

    const known = isOurs ? ownKeys : peers.find(message.engineId)?.keys
    const proven: Proven[] = []
    for (const allowed of meant) {
      const its = known?.get(allowed.credential)
      const keys = await prove(allowed.credential, its, packet, message)
      if (keys !== null) proven.push({ ...allowed, keys })
    }
    const [first] = proven
    if (first === undefined) return orWhoWeAre('auth')

    const { auth } = first.keys
    if (auth !== null) {
      const peer = isOurs ? null : peers.note(message.engineId)
      for (const { credential, keys } of proven) (peer?.keys ?? ownKeys).set(credential, keys)
      const isTimely = peer?.isTimely(message, now) ?? isWithinWindow(message, timeOf(engine))
      if (!isTimely) {
        return isOurs && wantsReport ? speaker.outsideWindow(message, auth) : drop('window')
      }
    }

    const opened = open(message, proven)
    if (typeof opened === 'string') return drop(opened)
    const { notification, scoped, pduAt, keys, devices } = opened
    const isInform = notification.informId !== null
    // An inform's answer is ours to date.
    if (isInform && !isOurs) return orWhoWeAre('malformed')
    const isRepeat = auth !== null && seen.isRepeat(digestOf(packet, message), now)
    if (isRepeat && !isInform) return drop('window')
    return {
      kind: 'told',
      notification,
      devices,
      isRepeat,
      acknowledge: () => speaker.acknowledge(message, scoped, pduAt, keys),
    }
  }
}

const timeOf = ({ boots, time }: LocalEngine): EngineTime => ({ boots, time: time() })

const digestOf = (packet: Buffer, { digestAt, digestBytes }: V3Message): string =>
  packet.toString('latin1', digestAt, digestAt + digestBytes)

/** A user of that name whose level is the message's: less would be a forgery's way in, more has no keys. */
function isMeant(allowed: Allowed, message: V3Message): allowed is Meant {
  const { credential } = allowed
  if (credential.version !== '3' || !message.user.equals(Buffer.from(credential.user))) return false
  const auth = credential.auth_protocol === undefined ? 0 : FLAG.auth
  const priv = credential.priv_protocol === undefined ? 0 : FLAG.priv
  return (message.flags & LEVEL) === (auth | priv)
}

/** The user's keys for the message's engine, when its digest is theirs; null otherwise. */
async function prove(
  credential: UserCredential,
  known: EngineKeys | undefined,
  packet: Buffer,
  message: V3Message,
): Promise<EngineKeys | null> {
  const { digestAt, digestBytes, end } = message
  const hasMade = (key: AuthKey | null): boolean =>
    key === null || isSigned(key, packet.subarray(0, end), digestAt, digestBytes)
  if (known !== undefined) return hasMade(known.auth) ? known : null
  const user = await deriveUserKeys(credential)
  // The key of the digest first: that of the cipher may cost a thousand times as much, and is for those who have the first.
  const { auth } = await localiseKeys({ ...user, priv: null }, message.engineId)
  if (!hasMade(auth)) return null
  return user.priv === null ? { auth, priv: null } : localiseKeys(user, message.engineId)
}

/** What a message tells, and to whom it belongs: credentials with one digest may differ in the cipher's key. */
function open(
  message: V3Message,
  proven: readonly Proven[],
): (Opened & Pick<Proven, 'keys' | 'devices'>) | DropReason {
  let refusal: DropReason = 'auth'
  let opened: (Opened & Pick<Proven, 'keys'>) | null = null
  const devices = []
  for (const { keys, devices: its } of proven) {
    const read = openWith(keys, message)
    if (typeof read === 'string') {
      if (read === 'malformed') refusal = read
      continue
    }
    opened ??= { ...read, keys }
    devices.push(...its)
  }
  return opened === null ? refusal : { ...opened, devices }
}

/** `auth` when what was sealed makes no sense: its key is another one. */
function openWith({ priv }: EngineKeys, message: V3Message): Opened | DropReason {
  const scoped = priv === null ? message.data : unseal(message, priv)
  const pdu = scoped && openScopedPdu(scoped)
  if (scoped === null || pdu === null) return priv === null ? 'malformed' : 'auth'
  const notification = readNotification({ bytes: scoped, at: pdu.at }, pdu.end, WIRE_VERSION['3'])
  if (notification === null) return 'malformed'
  return { notification, scoped: scoped.subarray(0, pdu.end), pduAt: pdu.at }
}

/** Null when the cipher can't have made it. */
function unseal(message: V3Message, priv: NonNullable<EngineKeys['priv']>): Buffer | null {
  try {
    return decrypt(priv, message.data, message.salt, message)
  } catch {
    return null
  }
}
