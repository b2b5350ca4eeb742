import type { Context } from 'hono'
import type { Session, Sessions } from '../../lib/auth/sessions.ts'
import type { User } from '../../lib/auth/account.ts'
import { AuthError } from '../../lib/auth/auth-error.ts'
import type { Register } from '../../lib/auth/register.ts'
import { Problem } from '../problem.ts'
import type { Bearers } from './bearer.ts'
import { readCookie } from './cookie.ts'
import type { Origins } from './origin.ts'
import { ANYBODY, NOBODY, type Principal } from './principal.ts'
import type { Seen } from './seen.ts'

/** Who asks, and what becomes of it. */
export type Identity = {
  readonly principal: Principal
  /** A browser sends it by itself, whoever made it ask. */
  readonly isByCookie: boolean
  /** What the session's cookie is from now on: another id, or none any more. Undefined: as it is. */
  readonly cookie?: string | null
  /** Whether they may still see what they see. Rejects when that can't be asked. */
  isStill(): Promise<boolean>
}

export type Identify = (c: Context) => Promise<Identity>

const isForGood = (): Promise<boolean> => Promise.resolve(true)

export function createIdentify({
  isOpen,
  register,
  sessions,
  bearers,
  origins,
  seen,
}: {
  isOpen: boolean
  register: Pick<Register, 'current'>
  sessions: Pick<Sessions, 'use' | 'isOpen'>
  bearers: Bearers
  origins: Pick<Origins, 'addressOf' | 'isSecure'>
  seen: Seen
}): Identify {
  const unknown: Identity = {
    principal: isOpen ? ANYBODY : NOBODY,
    isByCookie: false,
    isStill: isForGood,
  }

  return async (c) => {
    const authorization = c.req.header('authorization')
    if (authorization !== undefined) return byToken(authorization, origins.addressOf(c))
    const id = readCookie(c, 'session', origins.isSecure(c))
    if (id === undefined) return unknown
    try {
      return await bySession(id)
    } catch (error) {
      // Who it is can't be asked now: what anybody may read, they may, too.
      const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
      if (isOpen && isRead && error instanceof AuthError) return unknown
      throw error
    }
  }

  async function byToken(authorization: string, address: string): Promise<Identity> {
    const [, text] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (text === undefined) {
      throw new Problem(401, 'Not signed in', 'expected a token: Authorization: Bearer wl_…')
    }
    const token = await bearers.tokenOf(text, address)
    seen.note(`token:${token.id}`)
    const { role, scope } = token
    return {
      principal: { name: `token:${token.name}`, kind: 'token', role, scope },
      isByCookie: false,
      isStill: async () => bearers.isStill(token),
    }
  }

  async function bySession(id: string): Promise<Identity> {
    const used = await sessions.use(id)
    const user = used === null ? null : userOf(used.session)
    if (used === null || user === null) return { ...unknown, cookie: null }
    const { name, role, scope } = user
    return {
      principal: { name, kind: 'user', role, scope },
      isByCookie: true,
      ...(used.next === null ? {} : { cookie: used.next }),
      async isStill() {
        const session = await sessions.isOpen(id)
        const now = session === null ? null : userOf(session)
        return now !== null && JSON.stringify(now.scope) === JSON.stringify(scope)
      },
    }
  }

  /** Null when the session is over with its user: disabled, removed, or with another password. */
  function userOf({ user: name, epoch }: Session): User | null {
    const user = register.current.users.get(name)
    return user === undefined || user.disabled || user.epoch !== epoch ? null : user
  }
}
