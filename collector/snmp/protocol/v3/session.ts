import { randomInt } from 'node:crypto'
import type { UserCredential } from '../../../../lib/config/credential.ts'
import type { EngineKeys } from '../../../../lib/usm/keys.ts'
import { isSigned } from '../../../../lib/usm/seal.ts'
import type { Asking } from '../asking.ts'
import { SnmpError } from '../error.ts'
import { exchange } from '../exchange.ts'
import { PDU, type Question, encodeQuestion, readResponse } from '../message.ts'
import { inColumns, questionOf, refusal } from '../question.ts'
import type { SnmpSession, SnmpTarget } from '../session.ts'
import type { Transport } from '../transport.ts'
import type { Varbind } from '../varbind.ts'
import { type EngineClock, createEngineClock } from './clock.ts'
import { type Failure, failureOf, outOfTime } from './failure.ts'
import { type Asked, type Expected, USM_REPORT, type V3DropReason, judgeV3 } from './guard.ts'
import { type ClearPdu, REPORT_TAG, type V3Header, levelOf, readSealedPdu } from './header.ts'
import { createKeyring } from './keyring.ts'
import { type Asker, writeV3Request } from './writer.ts'

/** How often one exchange finds out about the engine anew, after the first time: for boots that went back, and for an id that changed as well. */
const MOST_RECOVERIES = 2
const MOST_ID = 2 ** 31 - 1

/** What is known of the agent's engine. */
type Engine = { readonly id: Buffer; readonly keys: EngineKeys; readonly clock: EngineClock }

type Sent = Asked & {
  /** Shows it what came for it, signed where it says so. False when that settles nothing: the wait goes on. */
  take(header: V3Header, asked: Asked): boolean
}

/**
 * Questions over v3 (RFC 3414). What is known of the agent's engine is kept from poll to poll, so discovery costs once; an
 * agent that lost its boots or its clock, or that is another one now, is found out about within the exchange.
 */
export function openV3Session(
  transport: Transport,
  target: SnmpTarget & { readonly credential: UserCredential },
): SnmpSession {
  const { credential } = target
  const endpoint = transport.endpoint(target, receive)
  const keyring = createKeyring(credential)
  const asker: Asker = {
    level: levelOf(credential),
    user: Buffer.from(credential.user),
    context: Buffer.from(credential.context ?? ''),
  }
  const sent = new Map<number, Sent>()
  let engine: Engine | null = null
  const expected: Expected = {
    level: asker.level,
    user: asker.user,
    waiting: sent,
    get engineId() {
      return engine?.id ?? null
    },
  }
  /** This engine has taken the keys. */
  let isProven = false

  function forget(): void {
    engine = null
    isProven = false
  }

  function receive(packet: Buffer): V3DropReason | null {
    const header = judgeV3(packet, expected)
    if (typeof header === 'string') return header
    const asked = sent.get(header.id)
    if (asked === undefined) return 'late'
    if (header.level !== 0 && !isAuthentic(packet, header)) return 'digest'
    if (asked.take(header, asked)) sent.delete(header.id)
    return null
  }

  /** The guard lets nothing signed through but what says that it is this engine's. */
  function isAuthentic(packet: Buffer, { digestAt, digestBytes, end }: V3Header): boolean {
    const auth = engine?.keys.auth ?? null
    return auth !== null && isSigned(auth, packet.subarray(0, end), digestAt, digestBytes)
  }

  function unseal(header: V3Header): ClearPdu | null {
    const priv = engine?.keys.priv ?? null
    return priv === null ? null : readSealedPdu(header, priv)
  }

  async function ask(
    question: Question,
    pdu: number,
    repetitions: number,
    asking: Asking,
  ): Promise<readonly Varbind[]> {
    const opening = keyring.open()
    if (opening !== null) await opening
    try {
      const bindings = await exchangeOnce(question, pdu, repetitions, asking)
      isProven = true
      return bindings
    } catch (error) {
      if (!(error instanceof SnmpError) || !DOUBTS.has(error.reason)) throw error
      const isSilent = error.reason === 'timeout' && engine !== null && !isProven
      forget()
      throw isSilent && credential.priv_password !== undefined ? silence(error, credential) : error
    }
  }

  function exchangeOnce(
    question: Question,
    pdu: number,
    repetitions: number,
    asking: Asking,
  ): Promise<readonly Varbind[]> {
    const most = question.oids.length * Math.max(1, repetitions)
    return exchange(target, asking, transport, ({ answer, refuse, unsent }) => {
      const ids: number[] = []
      let isSettled = false
      let discoveries = 0
      let recoveries = 0
      /** The engine was asked with the time that it told itself. */
      let isSynchronised = false

      function send(): void {
        // Nobody who doesn't see the request can guess them.
        const id = randomInt(1, MOST_ID)
        const requestId = randomInt(1, MOST_ID)
        ids.push(id)
        sent.set(id, { requestId, isDiscovery: engine === null, take })
        const packet =
          engine === null
            ? writeV3Request(id, { ...DISCOVERY, id: requestId }, NOBODY, NO_ENGINE)
            : writeV3Request(id, { pdu, id: requestId, repetitions, question }, asker, {
                engineId: engine.id,
                keys: engine.keys,
                ...engine.clock.now(),
              })
        endpoint.send(packet, (error) => {
          if (error !== null) unsent(error)
        })
      }

      /** The exchange counts the first message of each try. */
      function sendOn(): void {
        asking.counts.pdus++
        send()
      }

      function take(header: V3Header, asked: Asked): boolean {
        const isTrusted = header.level !== 0
        if (isTrusted && engine?.clock.isTimely(header) !== true) return fail(outOfTime())
        const read = header.pdu ?? unseal(header)
        if (read?.tag === REPORT_TAG) return heed(read.reportOid, header, asked)
        const isOurs = read?.tag === PDU.response && read.requestId === asked.requestId
        const response =
          isOurs && !asked.isDiscovery && header.level === asker.level
            ? readResponse(read.bytes, read, question, most)
            : null
        if (response === null) {
          transport.counts.broken++
          // Anybody may have sent what isn't signed.
          if (isTrusted) refuse(new SnmpError('protocol', 'the agent signed what makes no answer'))
          return isTrusted
        }
        if (response.status === 0) answer(response.bindings)
        else refuse(refusal(response, question))
        return true
      }

      function heed(report: string, header: V3Header, asked: Asked): boolean {
        const isUnsigned = header.level === 0
        if (asked.isDiscovery || (isUnsigned && report === USM_REPORT.unknownEngineIds)) {
          return meet(header)
        }
        if (report !== USM_REPORT.notInTimeWindows || isSynchronised) {
          return fail(failureOf(report, credential))
        }
        isSynchronised = true
        sendOn()
        return true
      }

      /**
       * An id comes unsigned, from anybody: the one that is known changes nothing, and who goes on telling others isn't
       * followed for ever.
       */
      function meet({ engineId, boots, time }: V3Header): boolean {
        if (engine?.id.equals(engineId) === true || discoveries > MOST_RECOVERIES) return false
        discoveries++
        // The packet goes.
        const id = Buffer.from(engineId)
        const start = (keys: EngineKeys): void => {
          if (isSettled) return
          engine = { id, keys, clock: createEngineClock({ boots, time }) }
          isSynchronised = false
          sendOn()
        }
        const keys = keyring.forEngine(id)
        if (keys instanceof Promise) void keys.then(start)
        else start(keys)
        return true
      }

      function fail({ error, isDesynchronised }: Failure): boolean {
        if (isDesynchronised && recoveries < MOST_RECOVERIES) {
          recoveries++
          asking.counts.errors++
          forget()
          sendOn()
        } else {
          refuse(error)
        }
        return true
      }

      return {
        attempt: send,
        settled() {
          isSettled = true
          for (const id of ids) sent.delete(id)
        },
      }
    })
  }

  return {
    target,
    get: (oids, asking) => ask(questionOf(oids), PDU.get, 0, asking),
    getNext: (oids, asking) => ask(encodeQuestion(oids), PDU.getNext, 0, asking),
    async getBulk(oids, repetitions, asking) {
      const cells = await ask(encodeQuestion(oids), PDU.getBulk, repetitions, asking)
      return inColumns(cells, oids.length)
    },
    close: endpoint.close,
  }
}

/** An engine is asked for its id by nobody, for nothing (RFC 3414 §4). */
const NOBODY: Asker = { level: 0, user: Buffer.alloc(0), context: Buffer.alloc(0) }
const DISCOVERY = { pdu: PDU.get, repetitions: 0, question: encodeQuestion([]) }
const NO_ENGINE = {
  engineId: Buffer.alloc(0),
  boots: 0,
  time: 0,
  keys: { auth: null, priv: null },
}

/** After these, what is known of the engine may be why. An agent that was replaced may as well be silent. */
const DOUBTS: ReadonlySet<string> = new Set(['timeout', 'auth', 'protocol'])

function silence(cause: SnmpError, { user, context = '' }: UserCredential): SnmpError {
  const unknown = context === '' ? '' : `, or to a context ${JSON.stringify(context)} that it lacks`
  return new SnmpError(
    'timeout',
    `${cause.message}; it has told its engine id, and many agents are silent to a wrong priv_password of user ${user}${unknown}`,
    { cause },
  )
}
