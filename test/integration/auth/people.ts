import { type AuthStand, PASSWORD, type Replica } from './stand.ts'

export const SESSION = '/api/v1/session'
export const SCOPE = { regions: ['West'], branches: [] }

// Three slow hashes for each test would be most of its time.
let users: Record<string, string> | null = null

/** A replica over a Redis that has three users: an admin, an operator, and a viewer of one region. */
export async function withUsers(
  stand: AuthStand,
  config: object = {},
): Promise<Replica & { cut(): void }> {
  if (users !== null) {
    await stand.redis.hset('wardline:auth:users', users)
    await stand.redis.incr('wardline:auth:version')
    return stand.replica(config)
  }
  const replica = await stand.replica(config)
  const { edits } = replica.auth.register
  await edits.addUser({ name: 'root', password: PASSWORD, role: 'admin', scope: null }, 'test')
  await edits.addUser({ name: 'op', password: PASSWORD, role: 'operator', scope: null }, 'test')
  await edits.addUser({ name: 'west', password: PASSWORD, role: 'viewer', scope: SCOPE }, 'test')
  users = await stand.redis.hgetall('wardline:auth:users')
  await stand.redis.del('wardline:audit')
  return replica
}

/** The cookie of their session; null when they are not let in. */
export async function signIn(
  { ask }: Replica,
  user: string,
  password = PASSWORD,
): Promise<string | null> {
  const { cookie } = await ask(SESSION, { method: 'POST', body: { user, password } })
  return cookie
}
