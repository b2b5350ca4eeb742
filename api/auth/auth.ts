import { createClaims, type Claims } from '../../lib/auth/claim.ts'
import { type Register, openRegister } from '../../lib/auth/register.ts'
import { type Sessions, createSessions } from '../../lib/auth/sessions.ts'
import { type AuditEntry, type AuditFilter, appendAudit, readAudit } from '../../lib/auth/audit.ts'
import type { Clock } from '../../lib/clock.ts'
import { isOpen } from '../../lib/config/auth.ts'
import type { Config } from '../../lib/config/schema.ts'
import { createEgress } from '../../lib/egress/egress.ts'
import type { Logger } from '../../lib/log.ts'
import type { Redis } from '../../lib/redis.ts'
import { createBearers } from './bearer.ts'
import { type Identify, createIdentify } from './identify.ts'
import { type Limits, createLimits } from './limits.ts'
import { type Oidc, createOidc } from './oidc.ts'
import { type Origins, createOrigins } from './origin.ts'
import { type Seen, createSeen } from './seen.ts'

/** Who may do what: what the middleware and the routes of sessions, users and tokens work with. */
export type Auth = {
  readonly identify: Identify
  /** Whether anybody may read. */
  readonly isOpen: boolean
  readonly register: Register
  readonly sessions: Sessions
  readonly claims: Claims
  /** Null where no provider is configured. */
  readonly oidc: Oidc | null
  readonly limits: Limits
  readonly origins: Origins
  readonly seen: Seen
  readonly audit: {
    append(entry: Omit<AuditEntry, 'at'>): Promise<void>
    read(filter: AuditFilter): ReturnType<typeof readAudit>
  }
  readonly session: { readonly maxAgeSeconds: number }
}

export type AuthDeps = {
  readonly config: Pick<Config, 'auth' | 'api' | 'alerting' | 'egress'>
  readonly redis: Redis
  /** Where digests of users and tokens are kept; left out: nowhere. */
  readonly dataDir?: string
  readonly clock: Clock
  readonly log: Logger
}

/** Never rejects: without Redis nobody signs in until it is there. */
export async function openAuth({
  config,
  redis,
  dataDir,
  clock,
  log,
}: AuthDeps): Promise<Auth & AsyncDisposable> {
  const { auth, api, alerting } = config
  const register = await openRegister({
    redis,
    dataDir: dataDir ?? null,
    clock,
    log,
    isAnyAdmin: auth.oidc !== undefined,
  })
  const { idle: idleMs, lifetime: lifetimeMs } = auth.session
  const sessions = createSessions(redis, clock, { idleMs, lifetimeMs })
  const limits = createLimits(redis)
  const origins = createOrigins({ auth, listen: api.listen, externalUrl: alerting.external_url })
  const seen = createSeen({ store: register.store, clock, log })
  const bearers = createBearers({ register, limits, clock })
  const externalUrl = alerting.external_url
  return {
    identify: createIdentify({
      isOpen: isOpen(config),
      register,
      sessions,
      bearers,
      origins,
      seen,
    }),
    isOpen: isOpen(config),
    register,
    sessions,
    claims: createClaims(redis, clock),
    oidc:
      auth.oidc === undefined
        ? null
        : createOidc({
            config: auth.oidc,
            externalUrl,
            redis,
            egress: createEgress(config.egress),
          }),
    limits,
    origins,
    seen,
    audit: {
      append: (entry) => appendAudit(redis, { at: clock.now(), ...entry }),
      read: (filter) => readAudit(redis, filter),
    },
    session: { maxAgeSeconds: Math.floor(lifetimeMs / 1000) },
    [Symbol.asyncDispose]: () => register[Symbol.asyncDispose](),
  }
}
