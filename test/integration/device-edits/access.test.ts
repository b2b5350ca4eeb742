import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '../../../api/auth/principal.ts'
import { noteSchema } from '../../../api/device-edits/schemas.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type Directory, directoryWith } from '../inventory/files.ts'
import { ADMIN, FILES, type Process, ask, auditedIn, startProcess } from './stand.ts'

let opened: AsyncDisposableStack
let stores: Stores
let directory: Directory

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
  directory = opened.use(await directoryWith(FILES))
})
afterEach(() => opened.disposeAsync())

const start = async (): Promise<Process> =>
  opened.use(await startProcess(directory, stores.redisUrl))

const audited = (): Promise<Record<string, string>[]> => auditedIn(stores.redis)

describe('who may', () => {
  const scoped: Principal = {
    name: 'gia',
    kind: 'user',
    role: 'admin',
    scope: { regions: [], branches: ['Vake'] },
  }
  const viewer: Principal = { ...ADMIN, role: 'viewer' }
  const operator: Principal = { ...ADMIN, role: 'operator' }
  const open: Principal = { name: 'anybody', kind: 'open', role: 'viewer', scope: null }

  test.each([
    ['anybody', open, 401],
    ['a viewer', viewer, 403],
    ['an operator', operator, 403],
  ])('%s edits nothing', async (_, as, status) => {
    const process = await start()
    const asked = [
      await ask(process, 'POST', '/devices', { id: 'n', address: '10.0.0.9' }, { as }),
      await ask(process, 'PATCH', '/devices/core', { name: 'x' }, { as }),
      await ask(process, 'DELETE', '/devices/cam', undefined, { as }),
      await ask(process, 'POST', '/devices/cam/restore', undefined, { as }),
      await ask(process, 'POST', '/devices/bulk', [], { as }),
      await ask(process, 'GET', '/device-edits', undefined, { as }),
      await ask(process, 'GET', '/devices/core/definition', undefined, { as }),
    ]
    expect(asked.map((answer) => answer.status)).toEqual(asked.map(() => status))
  })

  test('H5 an admin of a part of the fleet: what is outside is not there, and nothing goes there', async () => {
    const process = await start()
    await ask(process, 'PATCH', '/devices/core', { name: 'x' })
    const as = { as: scoped }
    const asked = [
      await ask(process, 'PATCH', '/devices/core', { name: 'y' }, as),
      await ask(process, 'DELETE', '/devices/core', undefined, as),
      await ask(process, 'GET', '/devices/core/definition', undefined, as),
      await ask(process, 'PATCH', '/devices/cam', { branch: 'HQ' }, as),
      await ask(process, 'POST', '/devices', { id: 'n', address: '10.0.0.9' }, as),
      await ask(process, 'PUT', '/devices/core/notes', { text: 'x' }, as),
      await ask(process, 'PATCH', '/devices/cam', { name: 'Camera' }, as),
      await ask(process, 'DELETE', '/devices/cam', undefined, as),
      await ask(process, 'POST', '/devices/cam/restore', undefined, as),
    ]
    expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 403, 403, 404, 200, 204, 200])
    const { body } = await ask(process, 'GET', '/device-edits', undefined, as)
    expect(body.map(({ id }: { id: string }) => id)).toEqual(['cam'])
  })

  test('H5 changing what a device is behind neither cuts it off from what they do not see, nor tells of it', async () => {
    const process = await start()
    const { headers } = await ask(process, 'GET', '/devices/edge/definition', undefined, {
      as: scoped,
    })
    const as = { as: scoped, headers: { 'if-match': headers.get('etag') ?? '' } }
    const change = { op: 'change', id: 'edge', parents: ['cam'] }
    const planned = await ask(process, 'POST', '/devices/bulk?dry_run=true', [change], as)
    expect(planned.body.items[0].changes).toEqual({ parents: { before: [], after: ['cam'] } })
    const changed = await ask(process, 'PATCH', '/devices/edge', { parents: ['cam'] }, as)
    expect([changed.status, changed.body.device.parents]).toEqual([200, ['cam']])
    const whole = await ask(process, 'GET', '/devices/edge/definition')
    expect(whole.body.device.parents).toEqual(['core', 'cam'])
  })

  test('H5 what does not fit is told without what they do not see', async () => {
    const process = await start()
    const gone = ['core', 'edge'].map((id) => ({ op: 'delete', id }))
    await ask(process, 'POST', '/devices/bulk', gone)
    await ask(process, 'POST', '/devices/edge/restore')
    await ask(process, 'PATCH', '/devices/edge', { name: 'Edge' })
    const noticesOf = async (as: Principal) =>
      (await ask(process, 'GET', '/devices/edge/definition', undefined, { as })).body.notices
    const notice = { field: 'parents', effect: 'left-out' }
    expect(await noticesOf(ADMIN)).toEqual([{ ...notice, message: 'no device has the id "core"' }])
    expect(await noticesOf(scoped)).toEqual([
      { ...notice, message: 'a device that it is reached through is not there any more' },
    ])
  })
})

describe('notes', () => {
  const operator: Principal = { ...ADMIN, role: 'operator' }

  test('are written, kept over a restart, and audited', async () => {
    const first = await start()
    const empty = await ask(first, 'GET', '/devices/core/notes')
    expect([empty.status, empty.body]).toEqual([200, null])
    await ask(first, 'PUT', '/devices/core/notes', { text: 'key at the desk' }, { as: operator })
    await first[Symbol.asyncDispose]()
    const { body } = await ask(await start(), 'GET', '/devices/core/notes')
    expect(noteSchema.parse(body)).toMatchObject({ text: 'key at the desk', updated_by: 'nino' })
    expect(await audited()).toMatchObject([{ what: 'note changed', id: 'core', before: '' }])
  })

  test('of two who write at once, the second is told', async () => {
    const process = await start()
    const { headers } = await ask(process, 'GET', '/devices/core/notes')
    const match = { headers: { 'if-match': headers.get('etag') ?? '' } }
    expect((await ask(process, 'PUT', '/devices/core/notes', { text: 'a' }, match)).status).toBe(
      200,
    )
    expect((await ask(process, 'PUT', '/devices/core/notes', { text: 'b' }, match)).status).toBe(
      412,
    )
  })

  test.each([
    ['too long', { text: 'x'.repeat(10_001) }],
    ['something else', { text: 'x', colour: 'red' }],
  ])('that are %s are refused', async (_, body) => {
    expect((await ask(await start(), 'PUT', '/devices/core/notes', body)).status).toBe(400)
  })

  test('an empty text takes them away', async () => {
    const process = await start()
    await ask(process, 'PUT', '/devices/core/notes', { text: 'a' })
    const { body } = await ask(process, 'PUT', '/devices/core/notes', { text: '' })
    expect(body).toBe(null)
    expect(await stores.redis.hlen('wardline:devices:notes')).toBe(0)
  })
})
