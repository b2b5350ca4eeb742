import { afterEach, beforeEach, expect, test } from 'vitest'
import { planSchema } from '../../../api/device-edits/schemas.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type Directory, directoryWith } from '../inventory/files.ts'
import { FILES, type Process, ask, auditedIn, idsOf, pick, startProcess } from './stand.ts'

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

const items = [
  { op: 'create', id: 'a', address: '10.2.0.1', parents: ['b'] },
  { op: 'create', id: 'b', address: '10.2.0.2' },
  { op: 'change', id: 'core', branch: 'Gori' },
  { op: 'delete', id: 'cam' },
]

test('a dry run tells what would change, and changes nothing', async () => {
  const process = await start()
  const { status, body } = await ask(process, 'POST', '/devices/bulk?dry_run=true', items)
  expect(status).toBe(200)
  expect(planSchema.parse(body)).toMatchObject({ dry_run: true, applied: false, problems: [] })
  expect(body.items[2]).toEqual({
    index: 2,
    line: null,
    op: 'change',
    id: 'core',
    changes: { branch: { before: 'HQ', after: 'Gori' } },
  })
  expect(idsOf(process)).toBe('core edge cam')
  expect(await audited()).toEqual([])
})

test('all of them are done together', async () => {
  const process = await start()
  const seen: string[] = []
  process.inventory.onChange((inventory) => seen.push([...inventory.keys()].join(' ')))
  const { body } = await ask(process, 'POST', '/devices/bulk', items)
  expect(body).toMatchObject({ dry_run: false, applied: true })
  expect(seen).toEqual(['core edge a b'])
  expect(await audited()).toHaveLength(4)
})

test('or none, with each problem by its item and field', async () => {
  const process = await start()
  const bad = [
    ...items,
    { op: 'create', id: 'edge', address: '10.2.0.3' },
    { op: 'create', id: 'c', address: '10.2.0.4', ping: { intervall: '1s' } },
    { op: 'destroy', id: 'x' },
    { op: 'change', id: 'a', name: 'A' },
  ]
  const { status, body } = await ask(process, 'POST', '/devices/bulk', bad)
  expect(status).toBe(400)
  expect(pick(body.problems, 'index', 'field', 'reason')).toEqual([
    [4, 'id', 'conflict'],
    [5, 'ping.intervall', 'invalid'],
    [6, 'op', 'invalid'],
    [7, 'id', 'invalid'],
  ])
  expect(idsOf(process)).toBe('core edge cam')
  const dry = await ask(process, 'POST', '/devices/bulk?dry_run=true', bad)
  expect([dry.status, dry.body.problems]).toEqual([200, body.problems])
})

test('H4 a messy CSV: each problem with its line, nothing is merged silently', async () => {
  const process = await start()
  const csv = [
    '\ufeffid;address;name;branch',
    'a;10.3.0.1;Camera -;Vake',
    'a;10.3.0.2;Twice;Vake',
    'core;10.0.0.1;Core;HQ',
    'b;10.3.0.3 -;Trailing;Vake',
    'c;10.0.0.1;Sharing;vake',
  ].join('\r\n')
  const headers = { 'content-type': 'text/csv; charset=utf-8' }
  const { status, body } = await ask(process, 'POST', '/devices/bulk?dry_run=true', csv, {
    headers,
  })
  expect(status).toBe(200)
  expect(pick(body.problems, 'line', 'field', 'message')).toEqual([
    [3, 'id', 'line 2 has this id, too: say once what is to become of a device'],
    [4, 'id', 'the id is taken by "Core" (10.0.0.1, HQ)'],
    [
      5,
      'address',
      'expected an IP address or a host name, got "10.3.0.3 -", did you mean 10.3.0.3?',
    ],
  ])
  expect(pick(body.look, 'kind', 'line')).toEqual(
    expect.arrayContaining([
      ['messy-name', 2],
      ['shared-address', 6],
      ['spelling', 6],
    ]),
  )
  const refused = await ask(process, 'POST', '/devices/bulk', csv, { headers })
  expect(refused.status).toBe(400)
  expect(idsOf(process)).toBe('core edge cam')
})

test('a CSV changes what is there when it is told to: the fields that it has', async () => {
  const process = await start()
  const csv = 'id,address,name\ncore,10.0.0.1,New name\nnew,10.3.0.1,\n'
  const headers = { 'content-type': 'text/csv' }
  const { body } = await ask(process, 'POST', '/devices/bulk?existing=change', csv, { headers })
  expect(pick(body.items, 'line', 'op', 'changes')).toEqual([
    [2, 'change', { name: { before: 'Core', after: 'New name' } }],
    [3, 'create', { name: added('new'), address: added('10.3.0.1') }],
  ])
  expect(process.inventory.current.get('core')).toMatchObject({ name: 'New name', branch: 'HQ' })
})

test('a CSV in another encoding, and a body that is no list, are refused', async () => {
  const process = await start()
  const object = await ask(process, 'POST', '/devices/bulk', { op: 'delete', id: 'core' })
  expect([object.status, object.body.title]).toEqual([400, 'Bad body'])
  const broken = await ask(process, 'POST', '/devices/bulk', 'id,adress\na,b\n', {
    headers: { 'content-type': 'text/csv' },
  })
  expect(broken.body.problems).toMatchObject([{ index: null, line: 1 }])
})

const added = (after: string) => ({ before: null, after })
