/**
 * Why a device gave no value. `send`: the packet never left, a fault of this machine or its routes;
 * `timeout`: no answer in time; `auth`: the agent refuses this credential; `too-big` and `no-such-name`:
 * the agent asks for a smaller or another question; `agent`: any other error status;
 * `protocol`: an answer that breaks the protocol.
 */
export type SnmpReason =
  | 'send'
  | 'timeout'
  | 'auth'
  | 'too-big'
  | 'no-such-name'
  | 'agent'
  | 'protocol'

export class SnmpError extends Error {
  readonly reason: SnmpReason
  /** The OID that the agent's answer blames, when it blames one. */
  readonly oid: string | null

  constructor(
    reason: SnmpReason,
    message: string,
    { oid = null, ...options }: ErrorOptions & { oid?: string | null } = {},
  ) {
    super(message, options)
    this.name = 'SnmpError'
    this.reason = reason
    this.oid = oid
  }
}

/** Of the error statuses of RFC 3416 §3, by number; v1 has the first of them. */
const REASON_OF_STATUS: Readonly<Record<number, SnmpReason>> = {
  1: 'too-big',
  2: 'no-such-name',
  // noAccess and authorizationError
  6: 'auth',
  16: 'auth',
}

/** What an agent means by an error status that is not 0. */
export const reasonOfStatus = (status: number): SnmpReason => REASON_OF_STATUS[status] ?? 'agent'
