import { createAccountEdits } from '../../../lib/auth/accounts.ts'
import type { Role, Scope } from '../../../lib/auth/grant.ts'
import { createAccountStore } from '../../../lib/auth/store.ts'
import { systemClock } from '../../../lib/clock.ts'
import type { Redis } from '../../../lib/redis.ts'
import { waitFor } from '../../wait.ts'
import type { Answer, RunningApi } from './stand.ts'

/** Asks the API with a token of its own; a body is JSON. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

/** Somebody of this role, once the running API knows the token. */
export async function signedIn(
  api: Pick<RunningApi, 'url'>,
  redis: Redis,
  name: string,
  role: Role,
  scope: Scope | null = null,
): Promise<Ask> {
  const store = createAccountStore(redis)
  const edits = createAccountEdits({ store, clock: systemClock, isAnyAdmin: true })
  const { text } = await edits.addToken({ name, role, scope, expiresAt: null }, 'test')
  const ask: Ask = async (method, path, body) => {
    const response = await fetch(`${api.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${text}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: answer === '' ? null : JSON.parse(answer),
    }
  }
  await waitFor(async () => (await ask('GET', '/session')).body?.authenticated === true, {
    what: 'the token to be known',
  })
  return ask
}
