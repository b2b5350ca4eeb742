import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Note } from '../../lib/inventory/edits/notes.ts'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { smallBody } from '../auth/whole-fleet.ts'
import { editorFor, expectedVersion } from '../device-edits/editor.ts'
import { ifMatch, jsonBody, tags } from '../device-edits/head.ts'
import { answering } from '../device-edits/refusal.ts'
import { noteBody, noteSchema } from '../device-edits/schemas.ts'
import { type ApiEnv, createEndpoints, requires } from '../endpoint.ts'
import { knownDevice } from '../known-device.ts'
import { json, noDevice, refusal } from '../responses.ts'
import { deviceParams } from './devices.ts'

const away = { 503: refusal("Redis can't be asked: nothing is read or written") }

const readNote = createRoute({
  method: 'get',
  path: '/devices/{id}/notes',
  tags,
  summary: 'What people want others to know of a device',
  middleware: [requires('viewer')] as const,
  request: { params: deviceParams },
  responses: { 200: json('Null where nobody wrote anything', noteSchema), ...noDevice, ...away },
})

const writeNote = createRoute({
  method: 'put',
  path: '/devices/{id}/notes',
  tags,
  summary: 'Writes the notes of a device',
  middleware: [requires('operator'), smallBody] as const,
  request: {
    params: deviceParams,
    headers: ifMatch,
    body: jsonBody(noteBody),
  },
  responses: {
    200: json('As they are now', noteSchema),
    ...noDevice,
    412: refusal('Written by somebody else since the version of `If-Match`'),
    ...away,
  },
})

export function deviceNoteRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  /** Within what the principal may see; the notes of a deleted device wait for it. */
  function knownId(c: Context<ApiEnv>, id: string): string {
    return knownDevice({ current: inventoryFor(parts.inventory.current, c.get('principal')) }, id)
      .id
  }

  return createEndpoints()
    .openapi(readNote, async (c) => {
      const id = knownId(c, c.req.valid('param').id)
      const { edits } = editorFor(parts, c.get('principal'))
      return c.json(tell(c, await answering(() => edits.notes.read(id))), 200)
    })
    .openapi(writeNote, async (c) => {
      const id = knownId(c, c.req.valid('param').id)
      const { edits, asking } = editorFor(parts, c.get('principal'))
      const version = expectedVersion(c)
      const expected = version === undefined ? undefined : versionAt(version)
      const by = { who: asking.who, expected }
      const { text } = c.req.valid('json')
      return c.json(tell(c, await answering(() => edits.notes.write(id, text, by))), 200)
    })
}

const NO_NOTE = 'none'

function tell(c: Context<ApiEnv>, note: Note | null) {
  c.header('ETag', `"${note?.updatedAt ?? NO_NOTE}"`)
  c.header('Cache-Control', 'no-store')
  if (note === null) return null
  const { text, updatedAt, updatedBy } = note
  return { text, updated_at: new Date(updatedAt).toISOString(), updated_by: updatedBy }
}

/** What isn't an instant was never a version: it is refused as any other that is past. */
const versionAt = (version: string): number | null => (version === NO_NOTE ? null : Number(version))
