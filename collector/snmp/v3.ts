import { SnmpError } from './error.ts'
import type { SnmpSession, SnmpTarget } from './session.ts'
import type { Transport } from './transport.ts'

/** Questions over v3. */
export function openV3Session(_transport: Transport, { address }: SnmpTarget): SnmpSession {
  throw new SnmpError('auth', `SNMPv3 isn't spoken yet, which ${address} needs`)
}
