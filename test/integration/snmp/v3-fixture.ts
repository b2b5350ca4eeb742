import type { Asking } from '../../../collector/snmp/protocol/asking.ts'
import { SnmpError } from '../../../collector/snmp/protocol/error.ts'
import { type SnmpSession, openSession } from '../../../collector/snmp/protocol/session.ts'
import type { Transport } from '../../../collector/snmp/protocol/transport.ts'
import { credentialSchema } from '../../../lib/config/credential.ts'
import type { SnmpdUser } from './snmpd.ts'

export const NAME = '1.3.6.1.2.1.1.5.0'

/** One question's patience, and what it cost. */
export const askingOf = ({ tries = 2, waitMs = 1000, withinMs = 10_000 } = {}): Asking => ({
  tries,
  waitMs,
  deadlineAt: performance.now() + withinMs,
  counts: { pdus: 0, errors: 0 },
})

export function openUser(
  transport: Transport,
  { address, port }: { readonly address: string; readonly port: number },
  user: SnmpdUser & { readonly context?: string },
  options: { readonly anySource?: boolean } = {},
): SnmpSession {
  const credential = credentialSchema.parse({ version: '3', ...user })
  return openSession(transport, { address, port, credential, ...options })
}

/** The agent's name, and what asking for it cost. */
export async function askName(
  session: SnmpSession,
  patience: Parameters<typeof askingOf>[0] = {},
): Promise<{ name: string; pdus: number; errors: number }> {
  const asking = askingOf(patience)
  const [varbind] = await session.get([NAME], asking)
  return { name: String(varbind?.value), ...asking.counts }
}

/** Why asking failed; throws when it didn't. */
export async function failureOf(
  session: SnmpSession,
  patience: Parameters<typeof askingOf>[0] = {},
): Promise<SnmpError> {
  const outcome = await askName(session, patience).catch((error: unknown) => error)
  if (outcome instanceof SnmpError) return outcome
  throw new Error(`expected an SnmpError, got ${JSON.stringify(outcome)}`)
}
