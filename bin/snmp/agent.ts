import {
  type SnmpClient,
  createClient,
  createPduLimits,
} from '../../collector/snmp/protocol/client.ts'
import { SYS_UP_TIME } from '../../collector/snmp/compile.ts'
import { SnmpError } from '../../collector/snmp/protocol/error.ts'
import { type SnmpSession, openSession } from '../../collector/snmp/protocol/session.ts'
import { openTransport } from '../../collector/snmp/protocol/transport.ts'
import { type Target, resolveAddress } from './target.ts'

/** An agent that has answered. */
export type Agent = {
  readonly client: SnmpClient
  readonly isV1: boolean
  /** The type of what isn't there, as the agent says it; null where it can't say (v1). */
  typeOf(oid: string): Promise<number | null>
}

/** What asking took, as far as it came. */
export type Asked = {
  address: string
  /** The credential that was answered: its name alone is ever shown. */
  credential: string | null
  seconds: number
  pdus: number
  errors: number
  failure: SnmpError | null
}

const TRIES = 2
const MOST_WAIT_MS = 2_000

/**
 * Asks a device with one credential after the other until one is answered, then does the work. An agent that is silent,
 * refuses or breaks off is the `failure` of the answer; rejects only with the signal's reason.
 */
export async function askAgent(
  { device, credentials, anySource }: Target,
  signal: AbortSignal,
  work: (agent: Agent) => Promise<void>,
): Promise<Asked> {
  const { port, timeoutMs } = device.snmp
  const startedAt = performance.now()
  const counts = { pdus: 0, errors: 0 }
  const asking = {
    tries: TRIES,
    waitMs: Math.min(MOST_WAIT_MS, timeoutMs / (credentials.length + 2)),
    deadlineAt: startedAt + timeoutMs,
    counts,
  }
  const asked = { address: device.address, credential: null as string | null }
  let failure: SnmpError | null = null
  await using transport = await openTransport(signal)
  try {
    asked.address = await resolveAddress(device)
    const [session, name] = await answering()
    asked.credential = name
    const isV1 = session.target.credential.version === '1'
    const typeOf = async (oid: string) =>
      isV1 ? null : ((await session.get([oid], asking))[0]?.type ?? null)
    await work({ client: clientOf(session), isV1, typeOf })
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error
    failure = error
  }
  return { ...asked, ...counts, failure, seconds: (performance.now() - startedAt) / 1000 }

  function clientOf(session: SnmpSession): SnmpClient {
    return createClient(session, { limits: createPduLimits(), asking })
  }

  /** Silence may mean that the agent doesn't know the credential: the next one is tried then. */
  async function answering(): Promise<[SnmpSession, string]> {
    let refusal: SnmpError | null = null
    for (const { name, credential } of credentials) {
      const session = openSession(transport, {
        address: asked.address,
        port,
        credential,
        anySource,
      })
      try {
        await createClient(session, {
          limits: createPduLimits(),
          asking: { ...asking, tries: credentials.length > 1 ? 1 : TRIES },
        }).get([SYS_UP_TIME])
        return [session, name]
      } catch (error) {
        if (!(error instanceof SnmpError)) throw error
        refusal = error
      }
      session.close()
    }
    throw refusal ?? new SnmpError('auth', 'none of its credentials is configured')
  }
}

/** What every command says at its end: `2 PDUs in 3 ms, answered with office (v2c)`. */
export function summaryLine(
  { seconds, pdus, errors, credential }: Omit<Asked, 'address' | 'failure'>,
  { credentials }: Target,
): string {
  const version = credentials.find(({ name }) => name === credential)?.credential.version
  const lost = errors === 0 ? '' : `, ${errors} without a usable answer`
  return (
    `${pdus} ${pdus === 1 ? 'PDU' : 'PDUs'} in ${durationText(seconds)}${lost}; ` +
    (credential === null
      ? 'no credential was answered'
      : `answered with ${credential} (v${version})`)
  )
}

/** `failed (timeout): …`: the reasons are those of docs/snmp.md. */
export const failureLine = ({ reason, message }: SnmpError): string =>
  `failed (${reason}): ${message}`

const durationText = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1e4) / 10} ms` : `${Math.round(seconds * 100) / 100} s`
