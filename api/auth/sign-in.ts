import type { Context } from 'hono'
import type { User } from '../../lib/auth/account.ts'
import { REFUSED_SIGN_IN } from '../../lib/auth/audit.ts'
import { AuthError } from '../../lib/auth/auth-error.ts'
import { isHashOf, lookAtNothing } from '../../lib/auth/slow-hash.ts'
import { Problem } from '../problem.ts'
import type { Auth } from './auth.ts'
import { giveCookie, readCookie } from './cookie.ts'
import { needsFirstAdmin } from './first-admin.ts'
import type { Principal } from './principal.ts'

export const principalOf = ({ name, role, scope }: User): Principal => ({
  name,
  kind: 'user',
  role,
  scope,
})

/** The user of this name and password. Rejects with Problem 401 or 429. */
export async function signIn(
  { register, limits, audit }: Auth,
  { user: name, password }: { readonly user: string; readonly password: string },
  address: string,
): Promise<User> {
  const key = name.toLowerCase()
  await limits.take('sign-in-address', address)
  await limits.take('sign-in-name', key)
  const user = register.current.users.get(name)
  const isTheirs = user === undefined ? lookAtNothing(password) : isPasswordOf(user, password)
  if ((await isTheirs) && user !== undefined) {
    await limits.forget('sign-in-name', key)
    return user
  }
  // What was typed for a name may be a password: of nobody's name nothing is kept.
  const id = user?.name ?? ''
  await audit.append({ who: id, what: REFUSED_SIGN_IN, id, before: null, after: { address } })
  throw new Problem(401, 'Not signed in', 'the name or the password is wrong')
}

/** As slow for somebody who isn't there, or has no password, as for somebody who has. */
export function isPasswordOf(
  { password: hash, disabled }: User,
  password: string,
): Promise<boolean> {
  const text = password.normalize('NFC')
  return hash === null || disabled ? lookAtNothing(text) : isHashOf(hash, text)
}

/** A session of their own, in place of one that the browser may have had. */
export async function openSession(
  c: Context,
  { sessions, origins, session, seen }: Auth,
  { name, epoch }: User,
): Promise<void> {
  const isSecure = origins.isSecure(c)
  const former = readCookie(c, 'session', isSecure)
  if (former !== undefined) await sessions.close(former)
  const id = await sessions.open({ user: name, epoch })
  giveCookie(c, 'session', id, { isSecure, maxAgeSeconds: session.maxAgeSeconds })
  seen.note(`user:${name}`)
}

/** Who asks, and how one may sign in. */
export function sessionJson(auth: Auth, { name, kind, role, scope }: Principal) {
  const { users, needsFirst } = known(auth)
  return {
    authenticated: kind !== 'open',
    name,
    kind,
    role,
    scope: scope === null ? null : { regions: [...scope.regions], branches: [...scope.branches] },
    open_access: auth.isOpen,
    login: {
      password: auth.oidc === null || users.some(({ password }) => password !== null),
      oidc: auth.oidc?.label ?? null,
    },
    needs_first_admin: needsFirst,
  }
}

function known(auth: Auth): { users: readonly User[]; needsFirst: boolean } {
  try {
    return { users: [...auth.register.current.users.values()], needsFirst: needsFirstAdmin(auth) }
  } catch (error) {
    // While Redis is away nobody signs in, and whoever reads goes on.
    if (!(error instanceof AuthError)) throw error
    return { users: [], needsFirst: false }
  }
}
