import * as client from 'openid-client'
import { z } from 'zod'
import { AuthError, reaching } from '../../lib/auth/auth-error.ts'
import type { OidcIdentity } from '../../lib/auth/accounts.ts'
import type { Role, Scope } from '../../lib/auth/grant.ts'
import { digestOf } from '../../lib/auth/token-text.ts'
import { userNameSchema } from '../../lib/auth/account.ts'
import { type OidcConfig, grantOf } from '../../lib/config/auth.ts'
import type { Egress } from '../../lib/egress/egress.ts'
import { boundedFetch } from '../../lib/egress/fetch.ts'
import type { Redis } from '../../lib/redis.ts'

/** Signing in with a provider (OpenID Connect): the code flow with PKCE, state and nonce. */
export type Oidc = {
  readonly label: string
  /** Where to send the browser, and the state that it keeps meanwhile. `to` is where it wants to be after. */
  begin(to: string): Promise<{ readonly url: URL; readonly state: string }>
  /**
   * Who came back, from the query of the callback. Rejects with AuthError: `refused` when the provider or its claims
   * let nobody in, `invalid` for what nobody began here lately, `unavailable`.
   */
  finish(query: URLSearchParams, state: string): Promise<Admitted>
}

export type Admitted = OidcIdentity & {
  readonly name: string
  readonly role: Role
  readonly scope: Scope | null
  readonly to: string
}

export const CALLBACK = '/api/v1/oidc/callback'
const PREFIX = 'wardline:auth:oidc:'
/** To find one's password, and the second factor. */
export const SIGN_IN_SECONDS = 600
const TIMEOUT_SECONDS = 10
/** Of its keys, of a token: a few thousand, as a rule. */
const MOST_BYTES = 1_048_576

const begunSchema = z.strictObject({ verifier: z.string(), nonce: z.string(), to: z.string() })

export function createOidc({
  config,
  externalUrl,
  redis,
  egress,
}: {
  config: OidcConfig
  externalUrl: string
  redis: Redis
  egress: Egress
}): Oidc {
  const callback = new URL(externalUrl.replace(/\/+$/, '') + CALLBACK)
  let discovered: Promise<client.Configuration> | null = null

  /** Once; a provider that is away is asked again at the next sign-in. */
  function provider(): Promise<client.Configuration> {
    discovered ??= discover(config, egress).catch((error: unknown) => {
      discovered = null
      throw new AuthError('unavailable', `${config.issuer} can't be asked: ${wordsOf(error)}`, {
        cause: error,
      })
    })
    return discovered
  }

  return {
    label: config.label,
    async begin(to) {
      const known = await provider()
      const state = client.randomState()
      const nonce = client.randomNonce()
      const verifier = client.randomPKCECodeVerifier()
      const kept = JSON.stringify({ verifier, nonce, to: localPath(to) })
      await reaching(() => redis.set(keyOf(state), kept, 'EX', SIGN_IN_SECONDS))
      const url = client.buildAuthorizationUrl(known, {
        redirect_uri: callback.href,
        scope: config.scopes.join(' '),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { url, state }
    },
    async finish(query, state) {
      const text = await reaching(() => redis.getdel(keyOf(state)))
      const begun = text === null ? null : begunSchema.parse(JSON.parse(text))
      if (begun === null) throw new AuthError('invalid', 'nobody began to sign in here lately')
      const claims = await claimsOf(query, state, begun)
      return { ...identityOf(claims, config), to: begun.to }
    },
  }

  async function claimsOf(
    query: URLSearchParams,
    state: string,
    { verifier, nonce }: z.output<typeof begunSchema>,
  ): Promise<client.IDToken> {
    const known = await provider()
    // As the provider led there: a proxy in front may have changed what is seen here.
    const current = new URL(callback)
    current.search = query.toString()
    try {
      const tokens = await client.authorizationCodeGrant(known, current, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
      })
      const claims = tokens.claims()
      if (claims === undefined) throw new Error('it gave no ID token')
      return claims
    } catch (error) {
      throw new AuthError('refused', `the provider let nobody in: ${wordsOf(error)}`, {
        cause: error,
      })
    }
  }
}

/** Pure: who claims speak of, and what they may do. Throws AuthError `refused`. */
export function identityOf(
  claims: Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string },
  config: Pick<OidcConfig, 'name_claim' | 'role_claim' | 'roles'>,
): Omit<Admitted, 'to'> {
  const name = userNameSchema.safeParse(claimOf(claims, config.name_claim))
  if (!name.success) {
    const why = name.error.issues[0]?.message ?? ''
    throw new AuthError('refused', `the claim ${config.name_claim} is no name: ${why}`)
  }
  const given = [claimOf(claims, config.role_claim)].flat()
  const entry = config.roles.find(({ value }) => value === undefined || given.includes(value))
  if (entry === undefined) {
    const why = `nothing in the claim ${config.role_claim} gives a role here`
    throw new AuthError('refused', `${name.data} may not sign in: ${why}`)
  }
  return { name: name.data, ...grantOf(entry), issuer: claims.iss, subject: claims.sub }
}

/** By its name, which may hold dots itself, else along the dots into maps. */
function claimOf(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** A path of this very page: a link can't lead from the sign-in to somewhere else. */
export function localPath(to: string): string {
  const base = 'http://here.invalid'
  if (!to.startsWith('/') || !URL.canParse(to, base)) return '/'
  const { origin, pathname, search, hash } = new URL(to, base)
  return origin === base && !pathname.startsWith('//') ? pathname + search + hash : '/'
}

function discover(
  { issuer, client_id: id, client_secret: secret }: OidcConfig,
  egress: Egress,
): Promise<client.Configuration> {
  const authentication =
    secret === undefined ? client.None() : client.ClientSecretPost(secret.reveal())
  // The configuration lets http through on loopback alone.
  const insecure = issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
  return client.discovery(new URL(issuer), id, undefined, authentication, {
    // The signature is looked at even where the token came straight from the provider.
    execute: [client.enableNonRepudiationChecks, ...insecure],
    timeout: TIMEOUT_SECONDS,
    [client.customFetch]: boundedFetch(egress, MOST_BYTES),
  })
}

const keyOf = (state: string): string => `${PREFIX}${digestOf(state)}`

/** What went wrong, without what was sent. */
function wordsOf(error: unknown): string {
  const {
    message,
    code,
    error: named,
    cause,
  } = error as {
    message?: string
    code?: string
    error?: string
    cause?: { message?: string; code?: string }
  }
  return named ?? [message, cause?.code ?? code].filter(Boolean).join(', ')
}
