import type { UserCredential } from '../../../../lib/config/credential.ts'
import type { Asking } from '../asking.ts'
import { SnmpError } from '../error.ts'
import { exchange } from '../exchange.ts'
import type { Answer, LibraryVarbind } from './net-snmp.ts'
import type { SnmpSession, SnmpTarget } from '../session.ts'
import type { Transport } from '../transport.ts'
import { failureOf } from './failure.ts'
import { V3Session } from './library-session.ts'
import { toVarbind } from './varbind.ts'

/** How often one exchange finds out about the engine anew: for boots that went back, and for an id that changed as well. */
const MOST_RECOVERIES = 2

/**
 * Questions over v3 (RFC 3414), through net-snmp. What is known of the agent's engine is kept from poll to poll, so discovery
 * costs once; an agent that lost its boots or its clock, or that is another one now, is found out about within the exchange.
 */
export function openV3Session(
  transport: Transport,
  target: SnmpTarget & { readonly credential: UserCredential },
): SnmpSession {
  const { credential } = target
  const endpoint = transport.endpoint(target, (packet) => session.refusal(packet))
  /** Whom to tell that a message leaves, by the callback that its answer is for. */
  const senders = new Map<Answer, (id: number) => void>()
  const session = new V3Session(target, credential, endpoint, (id, answer) => {
    senders.get(answer)?.(id)
  })
  /** This engine has taken the keys. */
  let isProven = false

  function forget(): void {
    session.forget()
    isProven = false
  }

  async function ask<T>(asking: Asking, start: (answer: Answer<T>) => void): Promise<T[]> {
    await session.open()
    try {
      const cells = await exchangeOnce(asking, start)
      isProven = true
      return cells
    } catch (error) {
      if (!(error instanceof SnmpError) || !DOUBTS.has(error.reason)) throw error
      const isSilent = error.reason === 'timeout' && session.isDiscovered && !isProven
      forget()
      throw isSilent && credential.priv_password !== undefined ? silence(error, credential) : error
    }
  }

  function exchangeOnce<T>(asking: Asking, start: (answer: Answer<T>) => void): Promise<T[]> {
    return exchange<T[]>(target, asking, transport, ({ answer, refuse, unsent }) => {
      const ids: number[] = []
      let isSettled = false
      let recoveries = 0
      // The exchange counts the first message of each try.
      let isCounted = false
      const take: Answer<T> = (cause, cells = []) => {
        if (isSettled) return
        if (cause === null) return answer(cells)
        const { error, isDesynchronised } = failureOf(cause, session.takeReport(), credential)
        if (error.reason === 'send') return unsent(cause)
        if (!isDesynchronised || recoveries >= MOST_RECOVERIES) return refuse(error)
        recoveries++
        asking.counts.errors++
        forget()
        start(take)
      }
      senders.set(take, (id) => {
        ids.push(id)
        if (!isCounted) asking.counts.pdus++
        isCounted = false
      })
      return {
        attempt() {
          isCounted = true
          start(take)
        },
        settled() {
          isSettled = true
          senders.delete(take)
          session.release(ids)
        },
      }
    })
  }

  return {
    target,
    async get(oids, asking) {
      const cells = await ask<LibraryVarbind>(asking, (answer) => session.get([...oids], answer))
      return cells.map(toVarbind)
    },
    async getNext(oids, asking) {
      const cells = await ask<LibraryVarbind>(asking, (answer) =>
        session.getNext([...oids], answer),
      )
      return cells.map(toVarbind)
    },
    async getBulk(oids, repetitions, asking) {
      const columns = await ask<LibraryVarbind | LibraryVarbind[]>(asking, (answer) =>
        session.getBulk([...oids], 0, repetitions, answer),
      )
      return columns.map((cells) => (Array.isArray(cells) ? cells : [cells]).map(toVarbind))
    },
    close: endpoint.close,
  }
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
