import type { UserCredential } from '../../lib/config/credential.ts'
import { type AuthKey, type EngineKeys, deriveUserKeys, localiseKeys } from '../../lib/usm/keys.ts'
import { type EngineTime, decrypt, isSigned } from '../../lib/usm/seal.ts'
import type { Envelope } from './community-message.ts'
import type { LocalEngine } from './engine.ts'
import type { DropReason } from './news.ts'
import { WIRE_V3, readNotification } from './notification.ts'
import { createPeers, isWithinWindow } from './peers.ts'
import { createRepeats } from './repeats.ts'
import type { Allowed, Sender } from './senders.ts'
import { FLAG, type V3Message, openScopedPdu, readV3Message } from './v3-message.ts'
import { type Speaker, createSpeaker } from './v3-speaker.ts'
import type { Verdict } from './verdict.ts'

/** Decides about messages of v3. Never rejects. */
export type V3Judge = (
  packet: Buffer,
  envelope: Envelope,
  from: { readonly source: string; readonly sender: Sender; readonly now: number },
) => Promise<Verdict>

type Proven = Allowed & { readonly credential: UserCredential; readonly keys: EngineKeys }

const LEVEL = FLAG.auth | FLAG.priv
/** A trap that comes again byte for byte within the time window is a replay: nothing in UDP sends one twice. */
const SEEN = { memoryMs: 300_000, most: 50_000 }

const drop = (reason: DropReason): Verdict => ({ kind: 'dropped', reason })

/**
 * The user-based security model (RFC 3414 §3.2), both ways: of a trap the sender's engine decides about keys and time,
 * of an inform ours does, which its sender asks for first.
 */
export function createV3Judge(engine: LocalEngine): V3Judge {
  const peers = createPeers()
  const seen = createRepeats(SEEN)
  const ownKeys = new Map<UserCredential, EngineKeys>()
  const speaker = createSpeaker(engine)

  return async (packet, { at, end }, { source, sender, now }) => {
    const message = readV3Message(packet, at, end)
    if (message === null) return drop('malformed')
    const isOurs = message.engineId.equals(engine.id)
    const wantsReport = (message.flags & FLAG.reportable) !== 0
    if (!isOurs && wantsReport) return speaker.unknownEngine(message)
    if (message.engineId.length === 0) return drop('malformed')

    const peerKey = `${source} ${message.engineId.toString('hex')}`
    const known = isOurs ? ownKeys : peers.find(peerKey)?.keys
    const proven: Proven[] = []
    for (const allowed of sender) {
      const { credential } = allowed
      if (!isMeant(credential, message)) continue
      const keys = await prove(credential, known?.get(credential), packet.subarray(0, end), message)
      if (keys !== null) proven.push({ ...allowed, credential, keys })
    }
    const [first] = proven
    if (first === undefined) return drop('auth')
    const { keys } = first

    if (keys.auth !== null) {
      const peer = isOurs ? null : peers.note(peerKey)
      for (const { credential, keys: its } of proven) (peer?.keys ?? ownKeys).set(credential, its)
      const isTimely = peer?.isTimely(message, now) ?? isWithinWindow(message, timeOf(engine))
      if (!isTimely) {
        return isOurs && wantsReport ? speaker.outsideWindow(message, keys.auth) : drop('window')
      }
    }
    return read(packet, message, { isOurs, now, proven, keys, speaker })
  }

  function read(
    packet: Buffer,
    message: V3Message,
    context: {
      isOurs: boolean
      now: number
      proven: readonly Proven[]
      keys: EngineKeys
      speaker: Speaker
    },
  ): Verdict {
    const { isOurs, now, proven, keys } = context
    const scoped = unseal(message, keys)
    const pdu = scoped && openScopedPdu(scoped)
    if (scoped === null || pdu === null) return drop('malformed')
    const notification = readNotification({ bytes: scoped, at: pdu.at }, pdu.end, WIRE_V3)
    if (notification === null) return drop('malformed')
    // An inform's answer is ours to date.
    if (notification.informId !== null && !isOurs) return drop('malformed')
    if (notification.informId === null && keys.auth !== null) {
      const { digestAt, digestBytes } = message
      const digest = packet.toString('latin1', digestAt, digestAt + digestBytes)
      if (seen.isRepeat(digest, now)) return drop('window')
    }
    return {
      kind: 'told',
      notification,
      devices: proven.flatMap(({ devices }) => devices),
      acknowledge: () => speaker.acknowledge(message, scoped.subarray(0, pdu.end), pdu.at, keys),
    }
  }
}

const timeOf = ({ boots, time }: LocalEngine): EngineTime => ({ boots, time: time() })

/** A user of that name whose level is the message's: less would be a forgery's way in, more has no keys. */
function isMeant(
  credential: Allowed['credential'],
  message: V3Message,
): credential is UserCredential {
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
  const hasMade = (key: AuthKey | null): boolean =>
    key === null || isSigned(key, packet, message.digestAt, message.digestBytes)
  if (known !== undefined) return hasMade(known.auth) ? known : null
  const user = await deriveUserKeys(credential)
  // The key of the digest first: that of the cipher may cost a thousand times as much, and is for those who have the first.
  const { auth } = await localiseKeys({ ...user, priv: null }, message.engineId)
  if (!hasMade(auth)) return null
  return user.priv === null ? { auth, priv: null } : localiseKeys(user, message.engineId)
}

/** The scoped PDU in plain; null when it can't be had. */
function unseal(message: V3Message, { priv }: EngineKeys): Buffer | null {
  if (priv === null) return message.data
  try {
    return decrypt(priv, message.data, message.salt, message)
  } catch {
    return null
  }
}
