import type { AuthKey, EngineKeys } from '../../lib/usm/keys.ts'
import { FLAG, LEVEL, type V3Head, type V3Message } from '../snmp/protocol/v3/message.ts'
import { writeV3Message } from '../snmp/protocol/v3/writer.ts'
import type { LocalEngine } from './engine.ts'
import { toResponse } from './notification.ts'
import { writeReport } from './v3-reply.ts'
import type { Verdict } from './verdict.ts'

/** What our engine says to senders of informs. Other refusals are silent: they would help nobody but a guesser. */
export type Speaker = {
  /** This is our id: the beginning of every conversation (RFC 3414 §4). */
  unknownEngine(message: V3Message): Verdict
  /** This is our time, under the user's digest. */
  outsideWindow(message: V3Message, auth: AuthKey): Verdict
  /** The response to an inform whose scoped PDU is given in plain, at the inform's own level. */
  acknowledge(message: V3Message, scoped: Buffer, pduAt: number, keys: EngineKeys): Buffer
}

const USM_STATS = '1.3.6.1.6.3.15.1.1'
const NOT_IN_TIME_WINDOWS = `${USM_STATS}.2.0`
const UNKNOWN_ENGINE_IDS = `${USM_STATS}.4.0`

export function createSpeaker(engine: LocalEngine): Speaker {
  const refused = { time: 0, engine: 0 }

  const headerOf = ({ id, user }: V3Message, flags: number): Omit<V3Head, 'salt'> => ({
    id,
    user,
    flags,
    engineId: engine.id,
    boots: engine.boots,
    time: engine.time(),
  })

  return {
    unknownEngine(message) {
      refused.engine++
      const report = writeReport(engine.id, UNKNOWN_ENGINE_IDS, refused.engine)
      return { kind: 'answer', packet: writeV3Message(headerOf(message, 0), report, NO_KEYS) }
    },
    outsideWindow(message, auth) {
      refused.time++
      const report = writeReport(engine.id, NOT_IN_TIME_WINDOWS, refused.time)
      return {
        kind: 'answer',
        packet: writeV3Message(headerOf(message, FLAG.auth), report, { auth, priv: null }),
      }
    },
    acknowledge: (message, scoped, pduAt, keys) =>
      writeV3Message(headerOf(message, message.flags & LEVEL), toResponse(scoped, pduAt), keys),
  }
}

const NO_KEYS: EngineKeys = { auth: null, priv: null }
