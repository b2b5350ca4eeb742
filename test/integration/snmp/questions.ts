import {
  type Rows,
  createClient,
  createPduLimits,
} from '../../../collector/snmp/protocol/client.ts'
import { openSession } from '../../../collector/snmp/protocol/session.ts'
import type { Transport } from '../../../collector/snmp/protocol/transport.ts'
import { Secret } from '../../../lib/secret.ts'
import { type Behave, type Mib, mibOf, startAgent } from './agent.ts'

export const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0'
export const SYS_NAME = '1.3.6.1.2.1.1.5.0'
export const IF_NUMBER = '1.3.6.1.2.1.2.1.0'
export const IF_OPER_STATUS = '1.3.6.1.2.1.2.2.1.8'
export const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1'
export const COLUMNS = [IF_OPER_STATUS, IF_NAME, '1.3.6.1.2.1.31.1.1.1.6']

export const MIB = mibOf({ name: 'acc-1', interfaces: 12 })

export type HowToAsk = {
  readonly version?: '1' | '2c'
  readonly anySource?: boolean
  readonly tries?: number
  readonly waitMs?: number
  /** Of each get and each walk. */
  readonly timeoutMs?: number
}

/** Questions to an agent as a poll asks them; what is learned of it lasts. */
export function questionsTo(
  transport: Transport,
  { address, port }: { readonly address: string; readonly port: number },
  { version = '2c', anySource = false, tries = 2, waitMs = 300, timeoutMs = 3_000 }: HowToAsk = {},
) {
  const credential = { version, community: new Secret('public') }
  const session = openSession(transport, { address, port, credential, anySource })
  const limits = createPduLimits()
  const counts = { pdus: 0, errors: 0 }
  const client = () =>
    createClient(session, {
      limits,
      asking: { tries, waitMs, counts, deadlineAt: performance.now() + timeoutMs },
    })
  return {
    counts,
    get: (...oids: string[]) => client().get(oids),
    async walk(columns: readonly string[], rows: Rows = new Map(), options = {}): Promise<Rows> {
      await client().walkColumns(columns, rows, options)
      return rows
    },
    close: session.close,
  }
}

/** An agent of this behaviour, and questions to it. */
export async function facing(
  transport: Transport,
  behave: Behave,
  { of = MIB, ...how }: HowToAsk & { readonly of?: Mib } = {},
) {
  const agent = await startAgent({ mib: of, behave })
  const questions = questionsTo(transport, agent, how)
  return {
    ...questions,
    agent,
    async [Symbol.asyncDispose]() {
      questions.close()
      await agent[Symbol.asyncDispose]()
    },
  }
}
