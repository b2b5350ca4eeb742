import type { Config, CredentialConfig } from '../../lib/config/schema.ts'
import type { SnmpSettings } from '../../lib/inventory.ts'
import type { Reading } from './reading.ts'
import type { DeviceMemory } from './memory.ts'
import type { Asking } from './protocol/asking.ts'

/** The longest wait of the first try: an agent that answers at all mostly does within a second. */
const MOST_WAIT_MS = 2_000

/** The one that worked, alone, while it is answered; otherwise all of them, that one first. */
export function credentialsToTry(
  { credentials: names }: SnmpSettings,
  { session, silences }: Pick<DeviceMemory, 'session' | 'silences'>,
  configured: Config['credentials'],
): readonly Candidate[] {
  const known = session?.credential
  if (known !== undefined && silences === 0) {
    const credential = configured[known]
    return credential === undefined ? [] : [{ name: known, credential }]
  }
  const wanted = known === undefined ? names : [known, ...names.filter((name) => name !== known)]
  return candidatesOf(wanted, configured)
}

type Candidate = { readonly name: string; readonly credential: CredentialConfig }

const candidatesOf = (
  names: readonly string[],
  configured: Config['credentials'],
): readonly Candidate[] =>
  names.flatMap((name) => {
    const credential = configured[name]
    return credential === undefined ? [] : [{ name, credential }]
  })

/** As its modules say; whatever they say, the first wait leaves room for another. */
export function patienceFor(
  { timeoutMs }: SnmpSettings,
  reading: Pick<Reading, 'retries' | 'timeoutMs'>,
): Patience {
  return {
    tries: (reading.retries ?? 1) + 1,
    waitMs: Math.min(reading.timeoutMs ?? MOST_WAIT_MS, timeoutMs / 3),
  }
}

type Patience = Pick<Asking, 'tries' | 'waitMs'>

/** A device that may well be dead, or may want another credential, is asked once, and time is left to read it. */
export const doubtOf = (
  { timeoutMs }: SnmpSettings,
  { waitMs }: Patience,
  candidates: number,
): Patience => ({
  tries: 1,
  waitMs: Math.min(waitMs, timeoutMs / (candidates + 1)),
})
