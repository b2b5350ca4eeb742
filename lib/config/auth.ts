import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { ROLES, type Role, type Scope } from '../auth/grant.ts'
import { duration } from '../duration.ts'
import { parseListen } from '../listen-address.ts'
import type { Finding } from './explain.ts'
import { flag, httpUrl, requiredText, secret, text } from './fields.ts'

/** Who may do what: whether reading is open, how long a session lasts, and who else says who somebody is (OIDC). */

const addressOrNet = z.string({ error: 'expected an IP address or a network' }).refine(isNet, {
  error: 'expected an IP address or a network, such as 192.0.2.10 or 10.0.0.0/8',
})

const hostName = z
  .string({ error: 'expected a host name' })
  .regex(/^[^\s/:@]+$/, {
    error: 'expected a host name without scheme and port, such as wardline.example.net',
  })
  .transform((name) => name.toLowerCase())

const sessionSchema = z.strictObject({
  idle: duration({ min: '5m', max: '30d' })
    .prefault('12h')
    .describe('Ends when nothing was asked for so long'),
  lifetime: duration({ min: '5m', max: '90d' })
    .prefault('7d')
    .describe('Ends after, whatever was asked'),
})

const oidcRoleSchema = z.strictObject({
  value: requiredText('a value of role_claim')
    .optional()
    .describe('Of role_claim; left out: whoever the provider lets in'),
  role: z.enum(ROLES),
  regions: z.array(text).default([]).describe('Sees these; left out, with branches: everything'),
  branches: z.array(text).default([]),
})

const oidcSchema = z.strictObject({
  issuer: httpUrl
    .refine(isSafe, {
      error: 'expected an https:// URL: what is said over http anybody can change',
    })
    .describe('As the provider names itself'),
  client_id: requiredText('the id that the provider gave to wardline'),
  client_secret: secret.optional().describe('Left out: a public client, by PKCE alone'),
  label: requiredText('a text').default('Single sign-on').describe('On the button of the page'),
  scopes: z
    .array(requiredText('a scope'))
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), { error: 'expected openid among them' }),
  name_claim: requiredText('the name of a claim')
    .default('preferred_username')
    .describe('What somebody is called here'),
  role_claim: requiredText('the name of a claim')
    .default('groups')
    .describe('A text or a list; dots lead into a map: realm_access.roles'),
  roles: z
    .array(oidcRoleSchema)
    .min(1, { error: 'expected at least one entry: nobody could sign in' })
    .describe('The first that goes with the claim counts; who goes with none is refused'),
})

export const authSchema = z.strictObject({
  open: flag
    .optional()
    .describe('Reading without signing in; left out: when api.listen is on loopback'),
  session: sessionSchema.prefault({}),
  hosts: z
    .array(hostName)
    .default([])
    .describe(
      'Names that the page is reached by, besides those of api.listen and alerting.external_url',
    ),
  trusted_proxies: z
    .array(addressOrNet)
    .default([])
    .describe('Whose X-Forwarded-For and X-Forwarded-Proto are taken'),
  oidc: oidcSchema.optional().describe('A provider (OpenID Connect) that people sign in with'),
})

export type AuthConfig = z.output<typeof authSchema>
export type OidcConfig = z.output<typeof oidcSchema>

type Whole = {
  readonly auth: AuthConfig
  readonly api: { readonly listen: string }
  readonly alerting: { readonly external_url: string }
}

/** Whether anybody may read: as configured, else where nobody but this machine reaches it. */
export const isOpen = ({ auth, api }: Pick<Whole, 'auth' | 'api'>): boolean =>
  auth.open ?? isLoopback(parseListen(api.listen).host)

/** What an entry of `auth.oidc.roles` gives. */
export function grantOf({ role, regions, branches }: OidcConfig['roles'][number]): {
  role: Role
  scope: Scope | null
} {
  const isWhole = regions.length === 0 && branches.length === 0
  return { role, scope: isWhole ? null : { regions, branches } }
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback'
}

/** What each value allows alone but not with the others. */
export function authFindings({ auth, api, alerting }: Whole): Finding[] {
  const findings: Finding[] = []
  const { session, trusted_proxies: proxies, oidc } = auth
  if (session.idle > session.lifetime) {
    const message = 'expected at most auth.session.lifetime: no session lasts longer than that'
    findings.push({ path: ['auth', 'session', 'idle'], message })
  }
  for (const [index, net] of proxies.entries()) {
    if (!net.endsWith('/0')) continue
    const message =
      'expected the addresses of proxies: with this one, anybody could name any address'
    findings.push({ path: ['auth', 'trusted_proxies', index], message })
  }
  const isAway = isLoopback(new URL(alerting.external_url).hostname.replace(/^\[|\]$/g, ''))
  if (oidc !== undefined && isAway && !isLoopback(parseListen(api.listen).host)) {
    const message =
      'expected alerting.external_url, too: the provider leads people back there, and it is on loopback while api.listen is not'
    findings.push({ path: ['auth', 'oidc'], message })
  }
  const open = (oidc?.roles ?? []).findIndex(({ value }) => value === undefined)
  if (oidc !== undefined && open !== -1 && open < oidc.roles.length - 1) {
    const message = 'expected at the end: it goes with everybody, and what follows is never reached'
    findings.push({ path: ['auth', 'oidc', 'roles', open], message })
  }
  return findings
}

function isNet(value: string): boolean {
  return ipaddr.isValid(value) || ipaddr.isValidCIDR(value)
}

/** TLS, or never off this machine. */
function isSafe(value: string): boolean {
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))
}
