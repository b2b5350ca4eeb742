import type { Auth } from '../../api/auth/auth.ts'
import { createOrigins } from '../../api/auth/origin.ts'
import { ANYBODY, NOBODY, type Principal } from '../../api/auth/principal.ts'
import { AuthError } from '../../lib/auth/auth-error.ts'

const away = async (): Promise<never> => {
  throw new AuthError('unavailable', "Redis can't be asked: it is away")
}

export type FakeAuth = Auth & {
  /** Who asks from now on. */
  principal: Principal
}

/** Whoever asks is this principal. Nobody signs in, and no user and no token is known. */
export function authAs(principal: Principal = ANYBODY): FakeAuth {
  const auth: FakeAuth = {
    principal,
    identify: async () => ({
      principal: auth.principal,
      isByCookie: false,
      isStill: async () => auth.principal !== NOBODY,
    }),
    isOpen: principal !== NOBODY,
    register: {
      current: { users: new Map(), tokens: new Map() },
      edits: {
        addUser: away,
        changeUser: away,
        setPassword: away,
        removeUser: away,
        admit: away,
        addToken: away,
        removeToken: away,
      },
      store: { seen: async () => new Map(), see: away },
      refresh: away,
      endSessions: away,
    },
    sessions: { open: away, use: away, isOpen: away, close: away },
    claims: { offer: away, take: away },
    oidc: null,
    limits: { take: async () => {}, check: async () => {}, forget: async () => {} },
    origins: createOrigins({
      auth: { hosts: [], trusted_proxies: [] },
      listen: '127.0.0.1:5001',
      externalUrl: 'http://127.0.0.1:5001',
    }),
    seen: { note() {}, run: async () => {} },
    audit: { append: away, read: async () => ({ entries: [], total: 0 }) },
    session: { maxAgeSeconds: 3_600 },
  }
  return auth
}
