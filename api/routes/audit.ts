import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { KINDS as DECISIONS } from '../../lib/decisions/change.ts'
import type { ApiParts } from '../app.ts'
import { auditJson } from '../audit-json.ts'
import { auditEntrySchema } from '../auth/schemas.ts'
import { adminRefusals, ofWholeFleet } from '../auth/whole-fleet.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { instant, pastInstant } from '../instant.ts'
import { freeText, once, queryOf, unknownValue, wholeNumber } from '../query-parameters.ts'
import { json } from '../responses.ts'

const MOST_ENTRIES = 1_000
const KINDS: ReadonlySet<string> = new Set([
  ...DECISIONS,
  'device',
  'note',
  'user',
  'token',
  'session',
  'diagnostics',
])
const firstWord = (kind: string): string => kind.split(' ', 1)[0] ?? ''
const text = () => z.string({ error: once }).optional()

const auditRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/audit',
    tags: ['Access'],
    summary: 'Who changed what, and when',
    description:
      'Silences, windows, acknowledgements, devices, notes, users, tokens, sign-ins and diagnostics: the newest first; ' +
      '`X-Total-Count` says how many match.',
    middleware: ofWholeFleet('admin'),
    request: {
      query: queryOf({
        kind: text()
          .refine((kind) => kind === undefined || KINDS.has(firstWord(kind)), {
            error: ({ input }) => unknownValue(firstWord(String(input)), [...KINDS]),
          })
          .meta({
            description: `The first word of \`what\`, or all of it: ${[...KINDS].join(', ')}`,
          }),
        who: text().meta({ description: 'By this name' }),
        id: text().meta({ description: 'Of what has this id' }),
        since: pastInstant(now).optional().meta({ description: 'From then on' }),
        until: instant().optional().meta({ description: 'Up to then' }),
        q: freeText().meta({ description: 'A text that occurs in the entry' }),
        limit: wholeNumber({ min: 1, max: MOST_ENTRIES })
          .default(100)
          .meta({ description: 'So many at most' }),
        offset: wholeNumber({ min: 0, max: 1_000_000 })
          .default(0)
          .meta({ description: 'Without the first so many' }),
      }),
    },
    responses: { 200: json('The newest first', z.array(auditEntrySchema)), ...adminRefusals },
  })

/** The change log of everything that people change. */
export function auditRoutes({ auth, clock }: ApiParts): OpenAPIHono<ApiEnv> {
  return createEndpoints().openapi(
    auditRoute(() => clock.now()),
    async (c) => {
      const { q, ...filter } = c.req.valid('query')
      const { entries, total } = await auth.audit.read({ ...filter, q: q === '' ? undefined : q })
      c.header('X-Total-Count', String(total))
      c.header('Cache-Control', 'no-store')
      return c.json(
        entries.map((entry) => auditJson(entry)),
        200,
      )
    },
  )
}
