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
