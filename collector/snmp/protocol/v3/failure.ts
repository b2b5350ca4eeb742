import type { UserCredential } from '../../../../lib/config/credential.ts'
import { SnmpError, type SnmpReason } from '../error.ts'
import { USM_REPORT } from './guard.ts'

export type Failure = {
  readonly error: SnmpError
  /** What is known of the agent's engine is wrong: found out anew, the same request may be answered. */
  readonly isDesynchronised: boolean
}

/** An authentic message that is older than another one (RFC 3414 §3.2, 7b). */
export const outOfTime = (): Failure => ({
  error: new SnmpError(
    'protocol',
    "the agent's boots or clock went back: it doesn't keep its snmpEngineBoots",
  ),
  isDesynchronised: true,
})

/** RFC 3413 §3.2: of a context that isn't there, and of one that is but can't be read now. */
const UNAVAILABLE_CONTEXTS = '1.3.6.1.6.3.12.1.4.0'
const UNKNOWN_CONTEXTS = '1.3.6.1.6.3.12.1.5.0'

/** What an agent means by a report, to which asking once more is no answer. */
export function failureOf(report: string, { user, context = '' }: UserCredential): Failure {
  const about = (reason: SnmpReason, message: string, isDesynchronised = false): Failure => ({
    error: new SnmpError(reason, message),
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
