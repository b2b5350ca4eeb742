import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { Silence } from '../../lib/decisions/silence.ts'
import type { ApiParts } from '../app.ts'
import type { Principal } from '../auth/principal.ts'
import { inventoryFor, viewFor } from '../auth/scope.ts'
import { isInside, outside } from '../decisions/inside.ts'
import { listed } from '../decisions/listed.ts'
import { previewJson, previewSchema } from '../decisions/preview.ts'
import { deciding } from '../decisions/refused.ts'
import {
  SILENCE_STATES,
  type SilenceJson,
  bySilenceState,
  changedSilenceSchema,
  newSilenceSchema,
  silenceJson,
  silenceSchema,
} from '../decisions/silence-json.ts'
import { matchersOf } from '../decisions/subject.ts'
import { touched } from '../decisions/touched.ts'
import { conflicting, dryRun, mayBeRefused, notThere, written } from '../decisions/writes.ts'
import { pageParameters } from '../device-query.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { anyOf, anyTexts, freeText, queryOf } from '../query-parameters.ts'
import { asked, json } from '../responses.ts'

const tags = ['Silences']
const params = z.object({ id: z.string().meta({ description: 'The id of a silence' }) })
const bodyOf = <S extends z.ZodType>(schema: S) => ({
  content: { 'application/json': { schema } },
  required: true,
})

const listRoute = createRoute({
  method: 'get',
  path: '/silences',
  tags,
  summary: 'Silences',
  description:
    'Those in force first, then those to come, then those that ended within five days; `X-Total-Count` says how many match.',
  request: {
    query: queryOf({
      state: anyOf(SILENCE_STATES).meta({ description: 'In any of these; several with commas' }),
      device: anyTexts().meta({ description: 'Those that may be about the device of this id' }),
      q: freeText().meta({ description: 'Words that all occur in matchers, author or comment' }),
      ...pageParameters(),
    }),
  },
  responses: asked('The silences that match', z.array(silenceSchema)),
})

const oneRoute = createRoute({
  method: 'get',
  path: '/silences/{id}',
  tags,
  summary: 'One silence',
  request: { params, query: queryOf({}) },
  responses: { ...asked('The silence', silenceSchema), ...notThere },
})

const addRoute = createRoute({
  method: 'post',
  path: '/silences',
  tags,
  summary: 'Silence alerts',
  description: 'With `dry_run=true` nothing is written: the answer says what it would be about.',
  middleware: written,
  request: { query: queryOf({ dry_run: dryRun }), body: bodyOf(newSilenceSchema) },
  responses: {
    200: json('What it would be about: `dry_run=true`', previewSchema),
    201: json('The silence', silenceSchema),
    ...mayBeRefused,
  },
})

const changeRoute = createRoute({
  method: 'put',
  path: '/silences/{id}',
  tags,
  summary: 'Change a silence',
  description:
    'Another end or comment keeps its id. Other matchers, or another beginning, end it and begin another, as Alertmanager has it: the answer has the id that is in force.',
  middleware: written,
  request: { params, body: bodyOf(changedSilenceSchema) },
  responses: {
    200: json('The silence that is in force', silenceSchema),
    ...mayBeRefused,
    ...notThere,
    ...conflicting,
  },
})

const endRoute = createRoute({
  method: 'delete',
  path: '/silences/{id}',
  tags,
  summary: 'End a silence now',
  middleware: written,
  request: { params },
  responses: { 204: { description: 'It has ended' }, ...mayBeRefused, ...notThere },
})

/** What isn't told for a time. */
export function silenceRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { view, inventory, decisions, clock } = parts

  const devicesOf = (principal: Principal) => inventoryFor(inventory.current, principal)
  const jsonOf = (silence: Silence, principal: Principal): SilenceJson =>
    silenceJson(silence, clock.now(), devicesOf(principal))

  /** The silence, if it can be about a device that this principal sees. Throws Problem. */
  function seen(id: string, principal: Principal): Silence {
    const silence = decisions.current.silences.find((each) => each.id === id)
    const isSeen =
      silence !== undefined &&
      (principal.scope === null || touched(silence.matchers, devicesOf(principal)).length > 0)
    if (!isSeen) throw new Problem(404, 'Not found', `no silence has the id ${id}`)
    return silence
  }

  /** The same, if this principal may change it. */
  function changeable(id: string, principal: Principal): Silence {
    const silence = seen(id, principal)
    if (principal.scope !== null && !isInside(silence.matchers, principal.scope))
      throw outside(principal.scope)
    return silence
  }

  return createEndpoints()
    .openapi(listRoute, (c) => {
      const query = c.req.valid('query')
      const principal = c.get('principal')
      const { page, total } = listed(decisions.current.silences, query, {
        principal,
        inventory: devicesOf(principal),
        json: (silence) => jsonOf(silence, principal),
        isWanted: ({ state }) => query.state?.includes(state) ?? true,
        order: bySilenceState,
      })
      c.header('X-Total-Count', String(total))
      c.header('Cache-Control', 'no-store')
      return c.json(page, 200)
    })
    .openapi(oneRoute, (c) => {
      const principal = c.get('principal')
      c.header('Cache-Control', 'no-store')
      return c.json(jsonOf(seen(c.req.valid('param').id, principal), principal), 200)
    })
    .openapi(addRoute, async (c) => {
      const { starts_at: startsAt, ends_at: endsAt, comment, ...subject } = c.req.valid('json')
      const principal = c.get('principal')
      const devices = devicesOf(principal)
      const matchers = matchersOf(subject, devices, principal.scope)
      checkTimes(startsAt, endsAt, clock.now())
      if (c.req.valid('query').dry_run) {
        const { alerts } = viewFor(await view.current(), principal)
        return c.json(previewJson(matchers, devices, alerts), 200)
      }
      const draft = { matchers, startsAt, endsAt, comment, createdBy: principal.name }
      const silence = await deciding(() => decisions.putSilence(draft))
      return c.json(jsonOf(silence, principal), 201)
    })
    .openapi(changeRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { starts_at, ends_at: endsAt, updated_at, comment, ...subject } = c.req.valid('json')
      const principal = c.get('principal')
      const known = changeable(id, principal)
      const silence = await deciding(
        () =>
          decisions.putSilence({
            id,
            matchers: matchersOf(subject, devicesOf(principal), principal.scope),
            startsAt: starts_at ?? known.startsAt,
            endsAt,
            comment,
            createdBy: principal.name,
            updatedFrom: updated_at ?? known.updatedAt,
          }),
        async () => {
          await decisions.refresh().catch(() => {}) // what is known then is what can be told
          return jsonOf(changeable(id, principal), principal)
        },
      )
      return c.json(jsonOf(silence, principal), 200)
    })
    .openapi(endRoute, async (c) => {
      const { id } = c.req.valid('param')
      const principal = c.get('principal')
      // One that can't be read is in no list; whoever may see all may end it still.
      if (principal.scope !== null) changeable(id, principal)
      await deciding(() => decisions.expireSilence(id, principal.name))
      return c.body(null, 204)
    })
}

function checkTimes(startsAt: number | undefined, endsAt: number, now: number): void {
  if (endsAt <= now) throw refused('ends_at', 'expected an instant that is to come')
  if (startsAt !== undefined && startsAt >= endsAt)
    throw refused('starts_at', 'expected an instant before ends_at')
}

const refused = (parameter: string, expected: string): Problem =>
  new Problem(400, 'Bad body', `${parameter}: ${expected}`, { parameter })
