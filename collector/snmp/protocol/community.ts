import { randomFillSync } from 'node:crypto'
import type { CommunityCredential } from '../../../lib/config/credential.ts'
import type { Asking } from './asking.ts'
import { exchange } from './exchange.ts'
import {
  PDU,
  type Question,
  WIRE_VERSION,
  encodeQuestion,
  encodeRequest,
  readResponse,
} from './message.ts'
import { inColumns, questionOf, refusal } from './question.ts'
import type { SnmpSession, SnmpTarget } from './session.ts'
import type { Transport } from './transport.ts'
import type { Varbind } from './varbind.ts'

/** Questions over v1 and v2c, in the codec of `message.ts`: it is most of what a poll costs. */
export function openCommunitySession(
  transport: Transport,
  target: SnmpTarget & { readonly credential: CommunityCredential },
): SnmpSession {
  const { credential } = target
  const peer = transport.peer(target)
  const version = WIRE_VERSION[credential.version]
  const community = Buffer.from(credential.community.reveal())

  function ask(
    question: Question,
    pdu: number,
    repetitions: number,
    asking: Asking,
  ): Promise<readonly Varbind[]> {
    const { requests, waiting } = transport
    const most = question.oids.length * Math.max(1, repetitions)
    return exchange(target, asking, transport, ({ answer, refuse, unsent }) => {
      const ids: number[] = []
      const slot = waiting.add({
        peer,
        version,
        community,
        take(packet, header) {
          const response = readResponse(packet, header, question, most)
          if (response === null) return false
          if (response.status === 0) answer(response.bindings)
          else refuse(refusal(response, question))
          return true
        },
      })
      return {
        attempt() {
          const id = unusedId(requests)
          requests.set(id, slot)
          ids.push(id)
          peer.send(
            encodeRequest({ version, community, pdu, id, repetitions, question }),
            (error) => {
              if (error !== null) unsent(error)
            },
          )
        },
        settled() {
          for (const id of ids) requests.delete(id)
          waiting.remove(slot)
        },
      }
    })
  }

  return {
    target,
    get: (oids, asking) => ask(questionOf(oids), PDU.get, 0, asking),
    getNext: (oids, asking) => ask(encodeQuestion(oids), PDU.getNext, 0, asking),
    async getBulk(oids, repetitions, asking) {
      const question = encodeQuestion(oids)
      const cells = await ask(question, PDU.getBulk, repetitions, asking)
      return inColumns(cells, oids.length)
    },
    close: peer.close,
  }
}

const randoms = new Uint32Array(1024)
let randomsUsed = randoms.length

/** 31 bits that nobody can guess: who doesn't see the request can't forge an answer to it. */
function unusedId(requests: ReadonlyMap<number, number>): number {
  for (;;) {
    if (randomsUsed === randoms.length) {
      randomFillSync(randoms)
      randomsUsed = 0
    }
    const id = (randoms[randomsUsed++] ?? 0) >>> 1
    if (id !== 0 && !requests.has(id)) return id
  }
}
