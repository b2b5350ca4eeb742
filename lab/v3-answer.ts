import { type EngineKeys, type UserKeys, localiseKeys } from '../lib/usm/keys.ts'
import { decrypt, encrypt, isSigned, sign } from '../lib/usm/seal.ts'
import {
  FLAG,
  inV2c,
  pduIn,
  pduInV2c,
  readV3Message,
  reportPdu,
  scopedPdu,
  writeV3Message,
} from './v3-packet.ts'

/** One agent's security (RFC 3414): an engine of its own. */
export type V3Engine = {
  readonly id: Buffer
  readonly boots: number
  /** Seconds since it booted. */
  time(): number
  /** Made when the first signed request comes. */
  keys: EngineKeys | null
}

export type V3Answer = { readonly packet: Buffer; readonly isReport: boolean }

/** How a message of v2c without a community is answered. */
export type AnswerV2c = (packet: Buffer) => Buffer | null

/** The places of usmStats' counters. */
const STATS = { secLevels: 1, timeWindows: 2, users: 3, engineIds: 4, digests: 5 } as const
/** How old or early a message may be (RFC 3414 §2.2.3). */
const WINDOW_SECONDS = 150

/**
 * What an agent says to a packet as RFC 3414 §3.2 has it, for one user whose level is what there are keys for. Null where it is
 * silent: for what it can't read, and for what it can't decrypt.
 */
export function answerV3(
  packet: Buffer,
  engine: V3Engine,
  user: { readonly name: Buffer; readonly keys: UserKeys },
  answer: AnswerV2c,
): V3Answer | null {
  const request = readV3Message(packet)
  if (request === null) return null
  const level = levelOf(user.keys)
  const report = (counter: number, flags = 0): V3Answer => ({
    packet: seal(engine, request, flags, reportPdu(counter)),
    isReport: true,
  })
  if (!request.engineId.equals(engine.id)) return report(STATS.engineIds)
  if (!request.user.equals(user.name)) return report(STATS.users)
  if ((request.flags & (FLAG.auth | FLAG.priv)) !== level) return report(STATS.secLevels)
  // Reeder's extension makes a promise of keys: too slow for an agent that answers at once.
  const { auth, priv } = (engine.keys ??= localisedAtOnce(user.keys, engine.id))
  if (auth !== null) {
    if (!isSigned(auth, packet, request.digestAt, request.digestBytes)) return report(STATS.digests)
    const apart = Math.abs(request.time - engine.time())
    if (request.boots !== engine.boots || apart > WINDOW_SECONDS) {
      return report(STATS.timeWindows, FLAG.auth)
    }
  }
  const scoped = priv === null ? request.data : decrypt(priv, request.data, request.salt, request)
  const pdu = pduIn(scoped)
  const answered = pdu === null ? null : answer(inV2c(pdu))
  const response = answered === null ? null : pduInV2c(answered)
  if (response === null) return null
  return { packet: seal(engine, request, level, response), isReport: false }
}

/** A message to whoever asked, of the level that the flags say. */
function seal(
  engine: V3Engine,
  { id, user }: { readonly id: number; readonly user: Buffer },
  flags: number,
  pdu: Buffer,
): Buffer {
  const auth = (flags & FLAG.auth) === 0 ? null : (engine.keys?.auth ?? null)
  const priv = (flags & FLAG.priv) === 0 ? null : (engine.keys?.priv ?? null)
  const { id: engineId, boots } = engine
  const time = engine.time()
  const plain = scopedPdu(engineId, pdu)
  const { sealed, salt } =
    priv === null ? { sealed: plain, salt: NO_SALT } : encrypt(priv, plain, { boots, time })
  const { packet, digestAt } = writeV3Message(
    { id, flags, engineId, boots, time, user, salt, data: sealed },
    auth?.digest.signatureBytes ?? 0,
  )
  if (auth !== null) sign(auth, packet).copy(packet, digestAt)
  return packet
}

const NO_SALT = Buffer.alloc(0)

const levelOf = ({ auth, priv }: UserKeys): number =>
  (auth === null ? 0 : FLAG.auth) | (priv === null ? 0 : FLAG.priv)

function localisedAtOnce(keys: UserKeys, engineId: Buffer): EngineKeys {
  const localised = localiseKeys(keys, engineId)
  if (localised instanceof Promise) {
    throw new TypeError('AES256C with a digest this short: no agent of the lab has it')
  }
  return localised
}
