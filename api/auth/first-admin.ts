import type { Clock } from '../../lib/clock.ts'
import { AuthError } from '../../lib/auth/auth-error.ts'
import type { Auth } from './auth.ts'

/** Until there is somebody: a look at whether Redis is there by now. */
const LOOK_MS = 1_000

/** Whether nobody can sign in yet, and nobody else makes admins. Throws AuthError. */
export const needsFirstAdmin = ({ register, oidc }: Pick<Auth, 'register' | 'oidc'>): boolean =>
  oidc === null && register.current.users.size === 0

/** Prints the link that makes the first admin, where there is none, as soon as that is known. */
export async function offerFirstAdmin(
  auth: Pick<Auth, 'register' | 'oidc' | 'claims'>,
  {
    externalUrl,
    clock,
    print,
  }: { externalUrl: string; clock: Clock; print: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (!needsFirstAdmin(auth)) return
      const code = await auth.claims.offer()
      print(
        `Nobody can sign in yet. This link makes the first admin; it works once, within 24 hours:\n` +
          `  ${externalUrl.replace(/\/+$/, '')}/login#code=${code}`,
      )
      return
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      await clock.sleepUntil(clock.now() + LOOK_MS, signal).catch(() => {})
    }
  }
}
