import { randomInt } from 'node:crypto'
import type { UserCredential } from '../../../../lib/config/credential.ts'
import type { Endpoint } from '../endpoint.ts'
import { type Asked, type Expected, USM_REPORT, type V3DropReason, judgeV3 } from './guard.ts'
import { type Answer, type Message, type Req, Session, respond, userOf } from './net-snmp.ts'
import { Keyring } from './usm.ts'
import { REPORT_TAG, levelOf } from './header.ts'
import { LEVEL } from './message.ts'

/** The agent took the request for none of its own: what its report counts (RFC 3414 §3.2). */
export class ReportedError extends Error {
  readonly report: string

  constructor(report: string) {
    super(`the agent reports ${report}`)
    this.name = 'ReportedError'
    this.report = report
  }
}

/** An authentic answer to another request than the one it is for. */
export class MismatchError extends Error {
  override readonly name = 'MismatchError'
}

/** These two tell the library what it needs to ask again. */
const SYNCHRONISING: ReadonlySet<string> = new Set([
  USM_REPORT.unknownEngineIds,
  USM_REPORT.notInTimeWindows,
])

/** wardline's sessions only ask: they are no engine, and net-snmp would make up an id for each. */
const NO_ENGINE_ID = Buffer.from('80001f8804', 'hex')
/** net-snmp's own timers must never come first: an exchange ends itself. */
const NEVER_MS = 2 ** 31 - 1
const MOST_ID = 2 ** 31 - 1

/**
 * net-snmp's session, watched: its keys come from the keyring, nobody can guess the ids that it sends, it asks again after
 * those reports alone that tell it the engine's id or time, and it hands over no response but one to its request, of
 * the level that was asked for.
 */
export class V3Session extends Session {
  readonly #keyring: Keyring
  readonly #sending: (id: number, answer: Answer) => void
  readonly #waiting = new Map<number, Asked>()
  readonly #expected: { -readonly [K in keyof Expected]: Expected[K] }
  #report: string | null = null

  /** `sending` is told the id of every message that leaves, and whose answer it is. */
  constructor(
    { address, port }: { readonly address: string; readonly port: number },
    credential: UserCredential,
    endpoint: Endpoint,
    sending: (id: number, answer: Answer) => void,
  ) {
    const keyring = new Keyring(credential)
    super(address, userOf(credential, keyring), {
      version: 3,
      port,
      transport: endpoint.family,
      dgramModule: endpoint.dgram,
      retries: 0,
      timeout: NEVER_MS,
      context: credential.context ?? '',
      engineID: NO_ENGINE_ID,
    })
    this.#keyring = keyring
    this.#sending = sending
    this.#expected = {
      level: levelOf(credential),
      user: Buffer.from(credential.user),
      engineId: null,
      waiting: this.#waiting,
    }
    this.on('error', endpoint.broken)
  }

  /** Null when there is nothing to wait for. To be called before anything is asked. */
  open(): Promise<void> | null {
    return this.#keyring.open()
  }

  /** Null for a packet that the session may see. Never throws. */
  refusal(packet: Buffer): V3DropReason | null {
    const header = judgeV3(packet, this.#expected)
    if (typeof header === 'string') return header
    const { level, engineId, digestAt, digestBytes } = header
    if (level === 0 || this.#keyring.verify(packet, engineId, digestAt, digestBytes)) return null
    return 'digest'
  }

  /** True once the agent has told its engine's id. */
  get isDiscovered(): boolean {
    return this.#expected.engineId !== null
  }

  /** The OID of a report that came since this was asked last. */
  takeReport(): string | null {
    const report = this.#report
    this.#report = null
    return report
  }

  /** The next request finds out about the engine anew. Its keys are kept, should it be the same. */
  forget(): void {
    this.msgSecurityParameters = undefined
    this.#expected.engineId = null
    this.#forgetTime()
  }

  /** What still comes to these messages is late. */
  release(ids: readonly number[]): void {
    for (const id of ids) {
      this.#waiting.delete(id)
      this.unregisterRequest(id)
    }
  }

  override send(req: Req, noWait?: boolean): unknown {
    const { msgGlobalData, msgSecurityParameters, pdu } = req.message
    const id = randomInt(1, MOST_ID)
    msgGlobalData.msgID = id
    pdu.id = randomInt(1, MOST_ID)
    const isDiscovery = msgSecurityParameters.msgAuthoritativeEngineID.length === 0
    this.#waiting.set(id, { requestId: pdu.id, isDiscovery })
    this.#sending(id, req.responseCb)
    return super.send(req, noWait)
  }

  override setEngineTime(message: Message): void {
    const { msgGlobalData, pdu } = message
    if (pdu.type === REPORT_TAG && this.#waiting.get(msgGlobalData.msgID)?.isDiscovery !== true) {
      this.#report = pdu.varbinds[0]?.oid ?? ''
    }
    super.setEngineTime(message)
  }

  override sendV3Req(
    pdu: unknown,
    feed: unknown,
    answer: Answer,
    options: unknown,
    port: number,
    allowReport: boolean,
  ): void {
    const report = this.takeReport()
    if (report !== null && !SYNCHRONISING.has(report)) return answer(new ReportedError(report))
    const engineId = this.msgSecurityParameters?.msgAuthoritativeEngineID
    if (engineId === undefined) return
    const sendOn = (): void => {
      // It was forgotten meanwhile: nobody waits any more.
      if (this.msgSecurityParameters === undefined) return
      if (this.#expected.engineId?.equals(engineId) !== true) {
        this.#expected.engineId = Buffer.from(engineId)
        // Boots and time were another engine's.
        this.#forgetTime()
      }
      super.sendV3Req(pdu, feed, answer, options, port, allowReport)
    }
    const preparing = this.#keyring.prepare(engineId)
    if (preparing === null) sendOn()
    else preparing.then(sendOn, answer)
  }

  override onSimpleGetResponse = (req: Req, message: Message): void => {
    const { level } = this.#expected
    const isOfLevel = (message.msgGlobalData.msgFlags & LEVEL) === level
    if (isOfLevel && message.pdu.id === req.message.pdu.id) respond(req, message)
    else req.responseCb(new MismatchError('the answer is to another request'))
  }

  #forgetTime(): void {
    this.engineTimeBoots = null
    this.engineTimeBase = null
    this.engineTimeReceivedAt = null
    this.latestReceivedEngineTime = null
  }
}
