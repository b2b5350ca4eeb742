import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Role } from './auth/principal.ts'
import { type ApiEnv, roleAskedBy } from './endpoint.ts'

/** A JSON Schema, as far as the reference reads it. */
export type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}
export type Parameter = {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly style?: string
  readonly explode?: boolean
  readonly schema: Schema
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>
export type Operation = {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly Parameter[]
  /** Ways to be let in, the roles that each takes by its name. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content }>
  >
}
export type OpenApi = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const DESCRIPTION =
  "JSON in snake_case; times are ISO 8601 in UTC with milliseconds; what isn't known is `null`. " +
  'Errors are problem details (RFC 9457).'

/** Which of these it takes; the role is named where to be signed in isn't enough. */
const signedIn = (role?: Role) => {
  const roles = role === undefined ? [] : [role]
  return [{ token: roles }, { session: roles }]
}

const refused = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const NOT_ALLOWED = {
  401: refused('Nobody is signed in, or the token is none'),
  403: refused('Another role or scope is needed, or a page of another site asked'),
}

/** What every request with a body may be answered with. */
const BODY_REFUSALS = {
  400: refused('A body or a parameter that makes no sense'),
  413: refused('The body is too large'),
  415: refused('The body is of another type'),
}

/** What every change may be answered with. */
const REFUSALS = {
  ...NOT_ALLOWED,
  429: refused('Too many changes in a minute: `Retry-After` says when to go on'),
}

/** The HTTP interface in OpenAPI 3.1, from the routes that serve it. */
export function openApiOf(app: OpenAPIHono<ApiEnv>, version: string): OpenApi {
  const roles = rolesOf(app)
  const { paths, components, ...document } = app.getOpenAPI31Document({
    openapi: '3.1.1',
    info: {
      title: 'wardline',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    // The empty one: where reading is open to all, nothing has to be sent.
    security: [{}, ...signedIn()],
  })
  delete document.webhooks
  const written = {
    ...document,
    paths: Object.fromEntries(
      Object.entries(paths ?? {}).map(([path, operations]) => [
        path,
        answersOpen(path, operations, roles),
      ]),
    ),
    components: {
      schemas: withoutBounds(components?.schemas ?? {}),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'wardline',
          description:
            'A session, from POST /api/v1/session; by https the cookie is `__Host-wardline`. A change that a page of ' +
            'another site makes a browser send (`Sec-Fetch-Site`, `Origin`) is refused',
        },
      },
    },
  }
  // What the generator left undefined isn't there.
  return JSON.parse(JSON.stringify(written)) as OpenApi
}

/** Nobody has signed in yet who asks for these. */
const SIGNS_IN: ReadonlySet<string> = new Set(['/api/v1/session', '/api/v1/session/claim'])

type Described = { readonly requestBody?: unknown; readonly responses: unknown }

function answersOpen(path: string, operations: object, roles: ReadonlyMap<string, Role>): object {
  return Object.fromEntries(
    Object.entries(operations).map(([method, operation]: [string, Described]) => {
      const role = roles.get(`${method} ${path}`)
      const isOpen = SIGNS_IN.has(path) || (method === 'get' && role === undefined)
      const responses = {
        ...(operation.requestBody === undefined ? {} : BODY_REFUSALS),
        ...(isOpen ? {} : refusalsOf(method)),
        ...(withoutBounds(operation.responses) as object),
      }
      return [method, { ...operation, ...(isOpen ? {} : { security: signedIn(role) }), responses }]
    }),
  )
}

const refusalsOf = (method: string): object => (method === 'get' ? NOT_ALLOWED : REFUSALS)

/** `get /api/v1/audit`: the role that its middleware asks for. Who may read at all has that of a viewer. */
function rolesOf(app: OpenAPIHono<ApiEnv>): Map<string, Role> {
  return new Map(
    app.routes.flatMap(({ method, path, handler }) => {
      const role = roleAskedBy(handler)
      const operation = `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`
      return role === null || role === 'viewer' ? [] : [[operation, role] as const]
    }),
  )
}

/** A later release may add members to what is told; in what is sent, unknown ones are refused. */
function withoutBounds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBounds)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => key !== 'additionalProperties' || member !== false)
      .map(([key, member]) => [key, withoutBounds(member)]),
  )
}
