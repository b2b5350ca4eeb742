import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { type LookupFunction, type Socket, connect } from 'node:net'
import { Agent, buildConnector } from 'undici'
import type { EgressConfig } from '../config/egress.ts'
import { createPolicy } from './policy.ts'

/** Nothing is sent there: the message says what is there, and what to do. */
export class EgressError extends Error {
  override readonly name = 'EgressError'
}

/**
 * The door through which whatever the configuration names is reached: receivers, providers of sign-ins, remote rule files.
 * It looks at the address that a connection is about to go to, so that neither a redirect nor a name that means something
 * else by then leads where nothing may be sent.
 */
export type Egress = {
  /** Its connections are made here alone; TLS settings give an agent of its own. */
  agent(tls?: buildConnector.BuildOptions): Agent
  /** A TCP connection. Rejects with EgressError, the system's error, or the signal's reason. */
  dial(to: { host: string; port: number }, signal: AbortSignal): Promise<Socket>
}

/** Asks for all addresses of a name, as `dns.lookup` does. */
export type Resolve = (
  name: string,
  options: { all: true; family?: number; hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export function createEgress(
  rules: EgressConfig,
  { resolve = systemLookup as Resolve }: { resolve?: Resolve } = {},
): Egress {
  const policy = createPolicy(rules)
  const lookup = createLookup(policy, resolve)

  /** What a socket isn't opened for; names are looked at once more when they are resolved. */
  function refusal(host: string): EgressError | null {
    const why = policy.againstHost(host)
    return why === null ? null : refused(host, why)
  }

  function connector(options: buildConnector.BuildOptions = {}): buildConnector.connector {
    const open = buildConnector({ ...options, lookup })
    return (to, callback) => {
      const error = refusal(to.hostname)
      if (error === null) return open(to, callback)
      // As every other failure to connect: later.
      queueMicrotask(() => callback(error, null))
    }
  }

  const shared = new Agent({ connect: connector() })
  return {
    agent: (tls) => (tls === undefined ? shared : new Agent({ connect: connector(tls) })),
    async dial({ host, port }, signal) {
      const error = refusal(host)
      if (error !== null) throw error
      signal.throwIfAborted()
      return await new Promise<Socket>((resolved, reject) => {
        const socket = connect({ host, port, lookup })
        const onAbort = (): void => void socket.destroy(signal.reason as Error)
        signal.addEventListener('abort', onAbort, { once: true })
        const ended = (): void => signal.removeEventListener('abort', onAbort)
        socket.once('error', (failure) => {
          ended()
          reject(failure)
        })
        socket.once('connect', () => {
          ended()
          socket.removeAllListeners('error')
          resolved(socket)
        })
      })
    },
  }
}

/** `dns.lookup` that gives only what may be connected to. A socket isn't asked to look up what is an address already. */
function createLookup(policy: ReturnType<typeof createPolicy>, resolve: Resolve): LookupFunction {
  return (host, { all, family, hints }, callback) => {
    const asked = {
      all: true as const,
      ...(typeof family === 'number' ? { family } : {}),
      ...(hints === undefined ? {} : { hints }),
    }
    resolve(host, asked, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const open = addresses.filter(({ address }) => policy.againstAddress(address, host) === null)
      const [first] = open
      if (first === undefined) {
        const [{ address } = { address: '' }] = addresses
        const why = policy.againstAddress(address, host) ?? 'no address'
        return callback(refused(`${host} (${address})`, why), [])
      }
      if (all === true) callback(null, open)
      else callback(null, first.address, first.family)
    })
  }
}

const refused = (host: string, what: string): EgressError =>
  new EgressError(`${host} is ${what}: nothing is sent there unless egress.allow has it`)

/** What is closed without a word of the configuration. */
export const BUILT_IN_EGRESS: Egress = createEgress({ allow: [], deny: [] })
