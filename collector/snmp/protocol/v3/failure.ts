import type { UserCredential } from '../../../../lib/config/credential.ts'
import { SnmpError, type SnmpReason, reasonOfStatus } from '../error.ts'
import { USM_REPORT } from './guard.ts'
import { NOT_IN_TIME_WINDOW, RequestFailedError, ResponseInvalidError } from './net-snmp.ts'
import { ReportedError } from './library-session.ts'

export type Failure = {
  readonly error: SnmpError
  /** What is known of the agent's engine is wrong: found out anew, the same request may be answered. */
  readonly isDesynchronised: boolean
}

/** What a callback of net-snmp's says, in wardline's terms. `report` is what the agent reported since the request, if anything. */
export function failureOf(
  cause: Error,
  report: string | null,
  { user, context = '' }: UserCredential,
): Failure {
  const reported = cause instanceof ReportedError ? cause.report : report
  if (reported !== null) return reportedFailure(reported, user, context, cause)
  if (cause instanceof RequestFailedError) return { error: refusal(cause), isDesynchronised: false }
  if (cause instanceof ResponseInvalidError && cause.code === NOT_IN_TIME_WINDOW) {
    const message = "the agent's boots or clock went back: it doesn't keep its snmpEngineBoots"
    return { error: new SnmpError('protocol', message, { cause }), isDesynchronised: true }
  }
  if ('syscall' in cause) {
    const error = new SnmpError('send', `can't send: ${cause.message}`, { cause })
    return { error, isDesynchronised: false }
  }
  return { error: new SnmpError('protocol', cause.message, { cause }), isDesynchronised: false }
}

/** RFC 3413 §3.2: of a context that isn't there, and of one that is but can't be read now. */
const UNAVAILABLE_CONTEXTS = '1.3.6.1.6.3.12.1.4.0'
const UNKNOWN_CONTEXTS = '1.3.6.1.6.3.12.1.5.0'

function reportedFailure(report: string, user: string, context: string, cause: Error): Failure {
  const about = (reason: SnmpReason, message: string, isDesynchronised = false): Failure => ({
    error: new SnmpError(reason, message, { cause }),
    isDesynchronised,
  })
  switch (report) {
    case USM_REPORT.unsupportedSecLevels:
      return about(
        'auth',
        `the agent doesn't take user ${user} at this level (unsupportedSecLevels)`,
      )
    case USM_REPORT.unknownUserNames:
      return about('auth', `the agent has no user ${user} (unknownUserNames)`)
    case USM_REPORT.wrongDigests:
      return about('auth', `auth_password or auth_protocol of user ${user} is wrong (wrongDigests)`)
    case USM_REPORT.decryptionErrors:
      return about(
        'auth',
        `priv_password or priv_protocol of user ${user} is wrong (decryptionErrors)`,
      )
    case USM_REPORT.notInTimeWindows:
      return about(
        'protocol',
        'the agent contradicts its own boots and clock (notInTimeWindows)',
        true,
      )
    case USM_REPORT.unknownEngineIds:
      return about('protocol', 'the agent contradicts its own engine id (unknownEngineIDs)', true)
    case UNKNOWN_CONTEXTS:
    case UNAVAILABLE_CONTEXTS:
      return about('agent', `the agent has no context ${JSON.stringify(context)} to read`)
    default:
      return about('protocol', `the agent reports ${report || 'nothing'} in place of an answer`)
  }
}

function refusal(cause: RequestFailedError): SnmpError {
  // net-snmp tells which binding failed in its message alone: "NoSuchName: 1.3.6.1".
  const oid = /: ([\d.]+)$/.exec(cause.message)?.[1] ?? null
  return new SnmpError(reasonOfStatus(cause.status), `the agent answers ${cause.message}`, {
    oid,
    cause,
  })
}
