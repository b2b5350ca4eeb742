import { PDU } from '../message.ts'
import { type ClearPdu, REPORT_TAG, type V3Header, readV3Header } from './header.ts'
import { FLAG } from './message.ts'

/**
 * Why a v3 packet is kept from its session. `late`: nothing waits for it any more; `level`: it is less protected than the
 * credential asks, or more; `user`, `engine`: it is another one's; `report`: a report that an agent may not send unprotected;
 * `digest`: not signed by whom it says.
 */
export type V3DropReason = 'malformed' | 'late' | 'level' | 'user' | 'engine' | 'report' | 'digest'

/** What a session waits for. */
export type Expected = {
  /** Of FLAG: 0, 1 or 3. */
  readonly level: number
  readonly user: Buffer
  /** Null until the agent has told its own. */
  readonly engineId: Buffer | null
  /** By the id of the message. */
  readonly waiting: ReadonlyMap<number, Asked>
}

export type Asked = { readonly requestId: number; readonly isDiscovery: boolean }

/** The counters of what an agent couldn't take, which its reports name (RFC 3414 §5). */
export const USM_REPORT = {
  unsupportedSecLevels: '1.3.6.1.6.3.15.1.1.1.0',
  notInTimeWindows: '1.3.6.1.6.3.15.1.1.2.0',
  unknownUserNames: '1.3.6.1.6.3.15.1.1.3.0',
  unknownEngineIds: '1.3.6.1.6.3.15.1.1.4.0',
  wrongDigests: '1.3.6.1.6.3.15.1.1.5.0',
  decryptionErrors: '1.3.6.1.6.3.15.1.1.6.0',
} as const

/** A clock is not set by what nobody signed: with authentication, notInTimeWindows comes signed. */
const UNSIGNED_REPORTS: ReadonlySet<string> = new Set([
  USM_REPORT.unsupportedSecLevels,
  USM_REPORT.unknownUserNames,
  USM_REPORT.unknownEngineIds,
  USM_REPORT.wrongDigests,
  USM_REPORT.decryptionErrors,
])
const UNENCRYPTED_REPORTS: ReadonlySet<string> = new Set(Object.values(USM_REPORT))

/**
 * Whether a packet may be shown to the session that asked (RFC 3412 §7.2, RFC 3414 §3.2): its header, if its digest is right,
 * or why not. Nothing goes by the packet's own flags alone: a response without any protection would be as good as
 * a signed one. What has less protection than was asked for may only report why the agent couldn't take a request.
 */
export function judgeV3(packet: Buffer, expected: Expected): V3DropReason | V3Header {
  const header = readV3Header(packet)
  if (header === null || header.level === FLAG.priv) return 'malformed'
  const asked = expected.waiting.get(header.id)
  if (asked === undefined) return 'late'
  if (header.level > expected.level) return 'level'
  const report = header.pdu?.tag === REPORT_TAG ? header.pdu.reportOid : null
  if (header.pdu !== null && report === null) {
    const refused = judgeResponse(header.pdu, header.level, expected.level, asked)
    if (refused !== null) return refused
  }
  if (report !== null && !isAllowed(report, header.level, expected.level)) return 'report'
  // An agent need not repeat the name that it doesn't know.
  const isNameless = report !== null && header.user.length === 0
  if (!isNameless && !header.user.equals(expected.user)) return 'user'
  if (!isKnownEngine(header, report, expected, asked)) return 'engine'
  return header
}

function judgeResponse(
  { tag, requestId }: ClearPdu,
  level: number,
  expectedLevel: number,
  asked: Asked,
): V3DropReason | null {
  if (tag !== PDU.response) return 'malformed'
  if (level < expectedLevel || asked.isDiscovery) return 'level'
  return requestId === asked.requestId ? null : 'late'
}

function isAllowed(report: string, level: number, expectedLevel: number): boolean {
  if (level === expectedLevel) return true
  return (level === 0 ? UNSIGNED_REPORTS : UNENCRYPTED_REPORTS).has(report)
}

/** Another engine's id is what discovery is for, and what an agent that was replaced reports. */
function isKnownEngine(
  { engineId, level }: V3Header,
  report: string | null,
  expected: Expected,
  asked: Asked,
): boolean {
  if (engineId.length === 0) return false
  if (expected.engineId !== null && engineId.equals(expected.engineId)) return true
  if (level !== 0 || report === null) return false
  return asked.isDiscovery || report === USM_REPORT.unknownEngineIds
}
