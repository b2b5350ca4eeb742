import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Validated } from '../../lib/config/explain.ts'
import type { Device } from '../../lib/inventory.ts'
import type { Refusal } from '../../lib/inventory/edits/edit-error.ts'
import { type Operation, readChange, readCreate } from '../../lib/inventory/edits/operation.ts'
import type { ApiParts } from '../app.ts'
import { type Bulk, itemsOf, placeText, readCsvBulk, readJsonBulk } from '../device-edits/bulk.ts'
import { type Editor, editorFor, expectedVersion, tellDefinition } from '../device-edits/editor.ts'
import { ifMatch, jsonBody, tags } from '../device-edits/head.ts'
import { definitionJson } from '../device-edits/json.ts'
import { answering, problemItem, refusedProblem } from '../device-edits/refusal.ts'
import {
  type PlanJson,
  type ProblemItemJson,
  bulkBody,
  createdSchema,
  csvBody,
  definitionSchema,
  deviceBody,
  patchBody,
  planSchema,
} from '../device-edits/schemas.ts'
import { type ApiEnv, createEndpoints, requires } from '../endpoint.ts'
import { inventoryFor } from '../auth/scope.ts'
import { noSuchDevice } from '../known-device.ts'
import { Problem } from '../problem.ts'
import { oneOf, queryOf } from '../query-parameters.ts'
import { json, refusal } from '../responses.ts'
import { deviceParams } from './devices.ts'

const refusals = {
  400: refusal('Something of the device is wrong: `problems` has each with its field'),
  401: refusal('Sign in'),
  403: refusal('Not an admin, or a device outside of their scope'),
  409: refusal('Another device is in the way: `other` names it'),
  503: refusal("Redis can't be asked: nothing is changed"),
}
const noDevice = { 404: refusal('No such device') }
const changed = { 412: refusal('Changed since the version of `If-Match`: `current` is what it is') }

const tooLarge = (maxSize: number): MiddlewareHandler<ApiEnv> =>
  bodyLimit({
    maxSize,
    onError() {
      throw new Problem(413, 'Too large', `expected a body of at most ${maxSize} bytes`)
    },
  })
const middleware = [requires('admin'), tooLarge(100_000)]
const bulkMiddleware = [requires('admin'), tooLarge(20_000_000)]

const createDevice = createRoute({
  method: 'post',
  path: '/devices',
  tags,
  summary: 'Adds a device',
  middleware,
  request: { body: jsonBody(deviceBody) },
  responses: { 201: json('It is monitored', createdSchema), ...refusals },
})

const changeDevice = createRoute({
  method: 'patch',
  path: '/devices/{id}',
  tags,
  summary: 'Changes a device',
  description: 'Of a device that a file has, what differs from the file is kept beside it.',
  middleware,
  request: { params: deviceParams, headers: ifMatch, body: jsonBody(patchBody) },
  responses: { 200: json('As it is now', createdSchema), ...refusals, ...noDevice, ...changed },
})

const deleteDevice = createRoute({
  method: 'delete',
  path: '/devices/{id}',
  tags,
  summary: 'Deletes a device',
  description: 'It stays deleted, also when a file has it, until it is restored.',
  middleware,
  request: { params: deviceParams, headers: ifMatch },
  responses: { 204: { description: 'It is deleted' }, ...refusals, ...noDevice, ...changed },
})

const restoreDevice = createRoute({
  method: 'post',
  path: '/devices/{id}/restore',
  tags,
  summary: 'Brings a deleted device back',
  middleware,
  request: { params: deviceParams },
  responses: { 200: json('As it is now', definitionSchema), ...refusals, ...noDevice },
})

const bulk = createRoute({
  method: 'post',
  path: '/devices/bulk',
  tags,
  summary: 'Creates, changes, deletes and restores many devices',
  description: 'All of them or none. `dry_run=true` tells what would change and what is wrong.',
  middleware: bulkMiddleware,
  request: {
    query: queryOf({
      dry_run: oneOf(['true', 'false'] as const).default('false'),
      existing: oneOf(['refuse', 'change'] as const)
        .default('refuse')
        .describe('What becomes of devices of a CSV that are there already'),
    }),
    body: {
      content: { 'application/json': { schema: bulkBody }, 'text/csv': { schema: csvBody } },
      required: false,
    },
  },
  responses: { 200: json('What was done, or would be', planSchema), ...refusals, ...noDevice },
})

const readDefinition = createRoute({
  method: 'get',
  path: '/devices/{id}/definition',
  tags,
  summary: 'What is said of a device, by files and by the API',
  middleware: [requires('admin')] as const,
  request: { params: deviceParams },
  responses: {
    200: json('Both, and what is in force', definitionSchema),
    ...refusals,
    ...noDevice,
  },
})

const listEdits = createRoute({
  method: 'get',
  path: '/device-edits',
  tags,
  summary: 'All that the API says of devices, those that it deleted among them',
  middleware: [requires('admin')] as const,
  responses: { 200: json('By id', z.array(definitionSchema)), ...refusals },
})

export function deviceEditRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const app = createEndpoints()

  app.openapi(createDevice, async (c) => {
    const editor = editorFor(parts, c.get('principal'))
    const operation = understood(readCreate(c.req.valid('json')))
    const plan = await editor.apply([operation])
    c.header('Location', `/api/v1/devices/${encodeURIComponent(operation.id)}`)
    const told = tellDefinition(c, defined(editor, operation.id))
    return c.json({ ...told, look: editor.look(plan) }, 201)
  })

  app.openapi(changeDevice, async (c) => {
    const editor = editorFor(parts, c.get('principal'))
    const { id } = c.req.valid('param')
    const operation = understood(readChange(id, c.req.valid('json')), id)
    const plan = await editor.apply([operation], { expected: expectedVersion(c) })
    const told = tellDefinition(c, defined(editor, id))
    return c.json({ ...told, look: editor.look(plan) }, 200)
  })

  app.openapi(deleteDevice, async (c) => {
    const editor = editorFor(parts, c.get('principal'))
    const { id } = c.req.valid('param')
    await editor.apply([{ op: 'delete', id }], { expected: expectedVersion(c) })
    return c.body(null, 204)
  })

  app.openapi(restoreDevice, async (c) => {
    const editor = editorFor(parts, c.get('principal'))
    const { id } = c.req.valid('param')
    await editor.apply([{ op: 'restore', id }])
    return c.json(tellDefinition(c, defined(editor, id)), 200)
  })

  app.openapi(bulk, async (c) => {
    const editor = editorFor(parts, c.get('principal'))
    const { dry_run, existing } = c.req.valid('query')
    const isCsv = c.req.header('content-type')?.startsWith('text/csv') === true
    const isThere = (id: string) => existing === 'change' && editor.definition(id)?.device != null
    const asked = isCsv
      ? await readCsvBulk(new Uint8Array(await c.req.arrayBuffer()), isThere)
      : await readJsonBulk(c.req.valid('json'))
    return c.json(await runBulk(editor, asked, dry_run === 'true'), 200)
  })

  app.openapi(readDefinition, (c) => {
    const { id } = c.req.valid('param')
    const definition = editorFor(parts, c.get('principal')).definition(id)
    if (definition === null) {
      const own = inventoryFor(parts.inventory.current, c.get('principal'))
      throw noSuchDevice({ current: own }, id)
    }
    return c.json(tellDefinition(c, definition), 200)
  })

  return app.openapi(listEdits, (c) => {
    const editor = editorFor(parts, c.get('principal'))
    c.header('Cache-Control', 'no-store')
    return c.json(
      editor.edited().map((definition) => definitionJson(definition)),
      200,
    )
  })
}

/** What is done to all of them, or why to none. A dry run tells both. */
async function runBulk(
  editor: Editor,
  { operations, places, problems }: Bulk,
  isDryRun: boolean,
): Promise<PlanJson> {
  const placeOf = (index: number): string => {
    const place = places[index]
    return place === undefined ? '' : placeText(place)
  }
  const itemOf = (refusal: Refusal): ProblemItemJson => {
    const place = places[refusal.index]
    return problemItem({ ...refusal, index: place?.index ?? refusal.index }, place?.line)
  }
  const isToDo = !isDryRun && problems.length === 0
  const plan = isToDo
    ? await editor.apply(operations, { placeOf }, itemOf)
    : await answering(() => editor.edits.plan(operations, { ...editor.asking, placeOf }))
  const all = [...problems, ...plan.refusals.map(itemOf)].toSorted(
    (one, other) => (one.index ?? -1) - (other.index ?? -1),
  )
  if (!isDryRun && all.length > 0) throw refusedProblem(all)
  const lines = new Map(plan.planned.map(({ id, index }) => [id, places[index]?.line ?? null]))
  const changes = editor.changes(plan)
  return {
    dry_run: isDryRun,
    applied: isToDo,
    items: plan.planned.map(({ index, op, id }) => {
      const place = places[index] ?? { index, line: null }
      const made = op === 'create' ? plan.state.merged.inventory.get(id) : undefined
      return {
        ...place,
        op,
        id,
        changes: made === undefined ? { ...changes.get(id) } : madeOf(made),
      }
    }),
    problems: all,
    look: editor.look(plan, (id) => lines.get(id) ?? null),
  }
}

/** What tells a device that is added from others; what the defaults say is told once it is there. */
const TOLD = ['name', 'address', 'branch', 'region', 'type', 'parents'] as const

const madeOf = (device: Device): PlanJson['items'][number]['changes'] =>
  Object.fromEntries(
    TOLD.filter((key) => device[key].length > 0).map((key) => [
      key,
      { before: null, after: device[key] },
    ]),
  )

function understood(checked: Validated<Operation>, device: string | null = null): Operation {
  if (checked.ok) return checked.data
  throw refusedProblem(itemsOf(checked.findings, { index: 0, line: null }, device))
}

function defined(editor: Editor, id: string) {
  const definition = editor.definition(id)
  if (definition !== null) return definition
  // Somebody else deleted it for good in the meantime.
  throw new Problem(404, 'No such device', `no device has the id ${JSON.stringify(id)}`)
}
