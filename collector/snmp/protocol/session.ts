import type { CredentialConfig } from '../../../lib/config/schema.ts'
import type { Asking } from './asking.ts'
import { openCommunitySession } from './community.ts'
import type { Transport } from './transport.ts'
import { openV3Session } from './v3/session.ts'
import type { Varbind } from './varbind.ts'

export type SnmpTarget = {
  /** An IP literal. */
  readonly address: string
  readonly port: number
  readonly credential: CredentialConfig
  /** Some agents answer from another address than was asked: then an answer is known by its id and credential alone. */
  readonly anySource?: boolean
}

/**
 * Questions to one agent, one at a time (callers wait). It lives from poll to poll. Each question has one answer or rejects with
 * SnmpError, or with the transport's reason once that ends; none waits past its deadline.
 */
export type SnmpSession = {
  readonly target: SnmpTarget
  /** In the order of the OIDs, if the agent keeps to it: a binding's own OID says what it is. */
  get(oids: readonly string[], asking: Asking): Promise<readonly Varbind[]>
  /** Side by side: an answer's place is its question's. */
  getNext(oids: readonly string[], asking: Asking): Promise<readonly Varbind[]>
  /** For each OID up to `repetitions` bindings that follow it, fewer where the answer was full. Not in v1. */
  getBulk(
    oids: readonly string[],
    repetitions: number,
    asking: Asking,
  ): Promise<readonly (readonly Varbind[])[]>
  /** To be called with nothing outstanding. */
  close(): void
}

/** Throws SnmpError `send` for an address that no socket can reach. */
export function openSession(transport: Transport, target: SnmpTarget): SnmpSession {
  const { credential } = target
  return credential.version === '3'
    ? openV3Session(transport, { ...target, credential })
    : openCommunitySession(transport, { ...target, credential })
}
