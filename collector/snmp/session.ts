import {
  ErrorStatus,
  RequestFailedError,
  ResponseInvalidError,
  type Varbind as LibraryVarbind,
  createSession,
} from 'net-snmp'
import type { CredentialConfig } from '../../lib/config/schema.ts'
import { SnmpError, type SnmpReason } from './error.ts'
import { WIRE_VERSION } from './guard.ts'
import type { Transport } from './transport.ts'
import type { Varbind } from './values.ts'

/**
 * The one door to net-snmp: questions to one agent, one at a time. Each has one answer or rejects with SnmpError, or with
 * the signal's reason once it aborts.
 */
export type SnmpSession = Disposable & {
  get(oids: readonly string[]): Promise<Varbind[]>
  /** Side by side: an answer's place is its question's. */
  getNext(oids: readonly string[]): Promise<Varbind[]>
  /** For each OID up to `repetitions` bindings that follow it. Not in v1. */
  getBulk(oids: readonly string[], repetitions: number): Promise<Varbind[][]>
  /** Live totals: requests sent, and those among them that brought no usable answer. */
  readonly counts: { readonly pdus: number; readonly errors: number }
}

export type SnmpTarget = {
  /** An IP literal. */
  readonly address: string
  readonly port: number
  readonly credential: CredentialConfig
}

export type Patience = {
  /** Requests for one answer. */
  readonly tries: number
  /** How long the first waits for it; each further one waits twice as long. */
  readonly waitMs: number
}

type Answer<T> = (error: Error | null, varbinds?: T[]) => void

/** What callbacks of settled requests get, and nobody sees: one for all, because an error's stack is dear. */
const SETTLED = new Error('settled')

export function openSession(
  transport: Transport,
  target: SnmpTarget,
  { tries, waitMs }: Patience,
  signal: AbortSignal,
): SnmpSession {
  const { address, port, credential } = target
  const endpoint = transport.endpoint(address, port)
  const session = createSession(address, credential.community.reveal(), {
    version: WIRE_VERSION[credential.version],
    port,
    transport: endpoint.family,
    dgramModule: endpoint.dgram,
    // Tries and waits are ours: on a retry the library sends the same id again, forgets a request whose send fails
    // and may call back twice. Its own timer only has to come after ours.
    retries: 0,
    timeout: waitMs * 2 ** tries,
  })
  session.on('error', endpoint.broken)
  const counts = { pdus: 0, errors: 0 }

  return {
    counts,
    get: (oids) => exchange<LibraryVarbind>((answer) => session.get([...oids], answer)),
    getNext: (oids) => exchange<LibraryVarbind>((answer) => session.getNext([...oids], answer)),
    async getBulk(oids, repetitions) {
      const answers = await exchange<LibraryVarbind | LibraryVarbind[]>((answer) =>
        session.getBulk([...oids], 0, repetitions, answer),
      )
      return answers.map((cells) => (Array.isArray(cells) ? cells : [cells]))
    },
    [Symbol.dispose]: endpoint.close,
  }

  /**
   * One answer, whatever number of requests it takes; an answer to an earlier try is as good as one to the last.
   * Settles exactly once, however often the library calls back, and also when it never does.
   */
  async function exchange<T>(ask: (answer: Answer<T>) => unknown): Promise<T[]> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<T[]>()
    let settled = false
    let tried = 0
    let unsent: SnmpError | null = null
    let timer: NodeJS.Timeout | undefined

    const abort = (): void => settle(() => reject(signal.reason))
    signal.addEventListener('abort', abort)
    attempt()
    return promise

    function attempt(): void {
      counts.pdus++
      timer = setTimeout(giveUpTry, waitMs * 2 ** tried)
      tried++
      ask((error, varbinds) => {
        if (error === null) settle(() => resolve(varbinds ?? []))
        else fail(toSnmpError(error))
      })
    }

    function giveUpTry(): void {
      counts.errors++
      if (tried < tries) attempt()
      else settle(() => reject(unsent ?? noAnswer(target, tries)))
    }

    function fail(error: SnmpError): void {
      if (settled) return
      // A packet that couldn't leave now may leave at the next try.
      if (error.reason === 'send' && tried < tries) {
        unsent = error
        return
      }
      if (error.reason !== 'too-big' && error.reason !== 'no-such-name') counts.errors++
      settle(() => reject(error))
    }

    function settle(finish: () => void): void {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      endpoint.settle()
      finish()
      // Ends the library's timers of the other tries; their callbacks find the exchange settled.
      session.cancelRequests(SETTLED)
    }
  }
}

function noAnswer({ address, port }: SnmpTarget, tries: number): SnmpError {
  const times = tries === 1 ? 'asked once' : `asked ${tries} times`
  return new SnmpError('timeout', `no answer from ${address} port ${port} (${times})`)
}

function toSnmpError(error: Error): SnmpError {
  if (error instanceof RequestFailedError) {
    // net-snmp tells which binding failed in its message alone: "NoSuchName: 1.3.6.1".
    const oid = /: ([\d.]+)$/.exec(error.message)?.[1] ?? null
    const message = `the agent answers ${error.message}`
    return new SnmpError(statusReason(error.status), message, { oid, cause: error })
  }
  if (error instanceof ResponseInvalidError || !('syscall' in error)) {
    return new SnmpError('protocol', error.message, { cause: error })
  }
  return new SnmpError('send', `can't send: ${error.message}`, { cause: error })
}

function statusReason(status: ErrorStatus): SnmpReason {
  if (status === ErrorStatus.TooBig) return 'too-big'
  if (status === ErrorStatus.NoSuchName) return 'no-such-name'
  if (status === ErrorStatus.AuthorizationError || status === ErrorStatus.NoAccess) return 'auth'
  return 'agent'
}
