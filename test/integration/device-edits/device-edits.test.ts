import { readFile, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { definitionSchema } from '../../../api/device-edits/schemas.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
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

const start = async (at = directory, url = stores.redisUrl): Promise<Process> =>
  opened.use(await startProcess(at, url))

const audited = (): Promise<Record<string, string>[]> => auditedIn(stores.redis)

describe('a device through the API', () => {
  test('is created, changed, deleted and restored, each at once and in the audit log', async () => {
    const process = await start()
    const created = await ask(process, 'POST', '/devices', {
      id: 'new',
      address: '10.0.0.9',
      branch: 'Gori',
      type: 'switch',
      ping: { interval: '30s' },
    })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe('/api/v1/devices/new')
    expect(created.body).toMatchObject({
      origin: 'api',
      file: null,
      said: { kind: 'added', by: 'nino' },
    })
    expect(process.inventory.current.get('new')).toMatchObject({ branch: 'Gori', role: 'access' })

    const changed = await ask(process, 'PATCH', '/devices/new', { branch: 'Vake' })
    expect(changed.body.device).toMatchObject({ branch: 'Vake', ping: { interval: '30s' } })
    expect(process.inventory.current.get('new')?.branch).toBe('Vake')

    expect((await ask(process, 'DELETE', '/devices/new')).status).toBe(204)
    expect(idsOf(process)).toBe('core edge cam')

    const restored = await ask(process, 'POST', '/devices/new/restore')
    const { look: _, ...definition } = { look: null, ...restored.body }
    expect(definitionSchema.parse(definition).device).toMatchObject({ id: 'new', branch: 'Vake' })
    expect(idsOf(process)).toBe('core edge cam new')

    const log = await audited()
    expect(log.map(({ what, who, id }) => [what, who, id])).toEqual([
      ['device created', 'nino', 'new'],
      ['device changed', 'nino', 'new'],
      ['device deleted', 'nino', 'new'],
      ['device restored', 'nino', 'new'],
    ])
    expect([log[1]?.['before'], log[1]?.['after']].map((text) => JSON.parse(text ?? ''))).toEqual([
      { branch: 'Gori' },
      { branch: 'Vake' },
    ])
  })

  test('H3 editing a device without changing its address is no conflict, though another has the same', async () => {
    const process = await start()
    await ask(process, 'POST', '/devices', { id: 'twin', address: '10.0.0.1' })
    const { body: before } = await ask(process, 'GET', '/devices/core/definition')
    const { status, body } = await ask(process, 'PATCH', '/devices/core', {
      ...before.device,
      branch: 'Gori',
    })
    expect([status, body.said.fields]).toEqual([200, { branch: 'Gori' }])
    expect(body.look.map(({ kind }: { kind: string }) => kind)).toEqual(['shared-address'])
  })

  test('H3 a deleted device stays deleted after a restart, and after its file is read again', async () => {
    const first = await start()
    expect((await ask(first, 'DELETE', '/devices/edge')).status).toBe(204)
    await directory.write(
      'devices.yaml',
      `${FILES['devices.yaml']}\n- {id: more, address: 10.0.0.4}`,
    )
    await waitFor(() => idsOf(first) === 'core cam more', { what: 'the reload' })
    await first[Symbol.asyncDispose]()
    const second = await start()
    expect(idsOf(second)).toBe('core cam more')
    const { body } = await ask(second, 'GET', '/device-edits')
    expect(body).toMatchObject([
      { id: 'edge', origin: null, said: { kind: 'deleted', by: 'nino' } },
    ])
  })

  test('H3 a deleted device stays deleted after a restart without Redis, or with an empty one', async () => {
    const first = await start()
    await ask(first, 'DELETE', '/devices/edge')
    await ask(first, 'POST', '/devices', { id: 'new', address: '10.0.0.9' })
    await first[Symbol.asyncDispose]()

    const url = `redis://127.0.0.1:${await freePort()}`
    const alone = opened.use(await startProcess(directory, url, { waits: false }))
    expect(idsOf(alone)).toBe('core cam new')

    await stores.redis.flushall()
    const again = await start()
    expect(idsOf(again)).toBe('core cam new')
    expect(again.log.lines.some(({ msg }) => msg.includes('they are put back'))).toBe(true)
    expect(await stores.redis.hkeys('wardline:devices:edits')).toHaveLength(2)
  })

  test('a start with another Redis, that has edits of its own, goes by that one', async () => {
    const first = await start()
    await ask(first, 'DELETE', '/devices/edge')
    await first[Symbol.asyncDispose]()
    await stores.redis.flushall()
    await stores.redis.set('wardline:devices:version', '9')
    expect(idsOf(await start())).toBe('core edge cam')
  })

  test('the same in every process: at once where it was made, soon in the others', async () => {
    const one = await start()
    const other = await start(opened.use(await directoryWith(FILES)))
    const unchanged = other.inventory.current.get('core')
    await ask(one, 'POST', '/devices', { id: 'new', address: '10.0.0.9' })
    expect(idsOf(one)).toBe('core edge cam new')
    await waitFor(() => idsOf(other) === 'core edge cam new', { timeoutMs: 3_000 })
    expect(other.inventory.current.get('core')).toBe(unchanged)
  })

  test('a message that got lost costs seconds', async () => {
    const process = await start()
    await waitFor(async () => {
      const [, listening] = await stores.redis.pubsub('NUMSUB', 'wardline:devices')
      return listening === 1
    })
    const edit = { id: 'edge', kind: 'deleted', fields: {}, at: 1, who: 'nino' }
    await stores.redis
      .multi()
      .hset('wardline:devices:edits', 'edge', JSON.stringify(edit))
      .incr('wardline:devices:version')
      .exec()
    await waitFor(() => idsOf(process) === 'core cam')
  })

  test('what nobody can mean is named and left out, and the next change replaces it', async () => {
    await stores.redis.hset('wardline:devices:edits', 'core', '{"id":"core"}')
    const process = await start()
    expect(idsOf(process)).toBe('core edge cam')
    expect(process.log.lines).toContainEqual(expect.objectContaining({ device: 'core', level: 50 }))
    await ask(process, 'PATCH', '/devices/core', { branch: 'Gori' })
    expect(process.inventory.current.get('core')?.branch).toBe('Gori')
  })

  test('a file that later has the device of the API, or breaks a change: monitored on, and told', async () => {
    const process = await start()
    await ask(process, 'POST', '/devices', { id: 'new', address: '10.0.0.9', type: 'switch' })
    await ask(process, 'PATCH', '/devices/edge', { name: 'Edge' })
    await directory.write(
      'devices.yaml',
      '- {id: core, address: 10.0.0.1}\n- {id: new, address: 10.0.0.8, branch: Gori}',
    )
    await waitFor(() => idsOf(process) === 'core new', { what: 'the reload' })
    expect(process.inventory.current.get('new')).toMatchObject({
      address: '10.0.0.9',
      branch: 'Gori',
      origin: 'both',
    })
    const { body } = await ask(process, 'GET', '/device-edits')
    expect(pick(body, 'id', 'notices')).toEqual([
      ['edge', [expect.objectContaining({ effect: 'waiting' })]],
      ['new', [expect.objectContaining({ effect: 'doubled' })]],
    ])
    await directory.write('devices.yaml', FILES['devices.yaml'])
    await waitFor(() => process.inventory.current.get('edge')?.name === 'Edge', {
      what: 'its file',
    })
  })

  test('an added device that was deleted is forgotten 30 days later, with the next change', async () => {
    const removed = (id: string, daysAgo: number): string =>
      JSON.stringify({
        id,
        kind: 'removed',
        fields: { address: '10.0.0.9' },
        at: Date.now() - daysAgo * 86_400_000,
        who: 'nino',
      })
    await stores.redis.hset('wardline:devices:edits', {
      old: removed('old', 31),
      recent: removed('recent', 29),
    })
    const process = await start()
    await ask(process, 'PATCH', '/devices/core', { branch: 'Gori' })
    expect((await stores.redis.hkeys('wardline:devices:edits')).toSorted()).toEqual([
      'core',
      'recent',
    ])
    expect((await ask(process, 'POST', '/devices/recent/restore')).status).toBe(200)
  })

  test('a profile that changes for a device of the API alone takes effect', async () => {
    const process = await start()
    await ask(process, 'POST', '/devices', { id: 'new', address: '10.0.0.9', type: 'switch' })
    await directory.write('wardline.yaml', FILES['wardline.yaml'].replace('access', 'core'))
    await waitFor(() => process.inventory.current.get('new')?.role === 'core', {
      what: 'the profile',
    })
  })
})

describe('while Redis is away', () => {
  test('what is known stays in force, and edits are refused with 503', async () => {
    const process = await start()
    await ask(process, 'DELETE', '/devices/cam')
    const pid = stores.pids().redis ?? Number.NaN
    globalThis.process.kill(pid, 'SIGSTOP')
    const { status, body } = await ask(process, 'PATCH', '/devices/core', { branch: 'x' })
    expect([status, body.reason]).toEqual([503, 'redis'])
    expect(idsOf(process)).toBe('core edge')
    globalThis.process.kill(pid, 'SIGCONT')
    await waitFor(
      async () => (await ask(process, 'PATCH', '/devices/core', { branch: 'x' })).status === 200,
    )
  })

  test('without a copy a start knows the files alone, and the rest as soon as Redis is there', async () => {
    const first = await start()
    await ask(first, 'DELETE', '/devices/cam')
    await first[Symbol.asyncDispose]()
    await rm(directory.of('data/device-edits.json'))
    const pid = stores.pids().redis ?? Number.NaN
    globalThis.process.kill(pid, 'SIGSTOP')
    const second = opened.use(await startProcess(directory, stores.redisUrl, { waits: false }))
    expect(idsOf(second)).toBe('core edge cam')
    globalThis.process.kill(pid, 'SIGCONT')
    await waitFor(() => idsOf(second) === 'core edge', { timeoutMs: 15_000 })
    expect(await readFile(directory.of('data/device-edits.json'), 'utf8')).toContain('deleted')
  })
})

describe('what is refused', () => {
  test.each([
    [
      'an id that is taken',
      'POST',
      '/devices',
      { id: 'core', address: '10.0.0.9' },
      409,
      { other: 'core', field: 'id' },
    ],
    [
      'an unknown key',
      'POST',
      '/devices',
      { id: 'n', address: '10.0.0.9', brnch: 'x' },
      400,
      { field: 'brnch' },
    ],
    ['no address', 'POST', '/devices', { id: 'n' }, 400, { field: 'address' }],
    ['an unknown parent', 'PATCH', '/devices/cam', { parents: ['cor'] }, 400, { field: 'parents' }],
    ['a circle', 'PATCH', '/devices/core', { parents: ['edge'] }, 400, { field: 'parents' }],
    [
      'credentials that are not there',
      'PATCH',
      '/devices/cam',
      { snmp: { credentials: ['x'] } },
      400,
      { field: 'snmp.credentials' },
    ],
    ['another id', 'PATCH', '/devices/cam', { id: 'x' }, 400, { field: 'id' }],
    ['nobody', 'PATCH', '/devices/nobody', { name: 'x' }, 404, {}],
    ['a parent that has children', 'DELETE', '/devices/core', undefined, 409, { other: 'edge' }],
    ['one that is not deleted', 'POST', '/devices/core/restore', undefined, 409, {}],
    ['no JSON', 'POST', '/devices', '{', 400, {}],
  ] as const)('%s', async (_, method, path, body, status, extra) => {
    const process = await start()
    const answer = await ask(process, method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ status, ...extra })
    expect(idsOf(process)).toBe('core edge cam')
    expect(await audited()).toEqual([])
  })

  test('a change of a version that somebody changed meanwhile: 412 with the device as it is', async () => {
    const process = await start()
    const { headers } = await ask(process, 'GET', '/devices/core/definition')
    const match = { headers: { 'if-match': headers.get('etag') ?? '' } }
    const first = await ask(process, 'PATCH', '/devices/core', { branch: 'Gori' }, match)
    expect(first.status).toBe(200)
    const second = await ask(process, 'PATCH', '/devices/core', { branch: 'Vake' }, match)
    expect(second.status).toBe(412)
    expect(second.body.current).toMatchObject({ device: { branch: 'Gori' } })
    expect((await ask(process, 'DELETE', '/devices/core', undefined, match)).status).toBe(412)
    const now = { headers: { 'if-match': first.headers.get('etag') ?? '' } }
    expect((await ask(process, 'PATCH', '/devices/core', { branch: 'Vake' }, now)).status).toBe(200)
  })

  test('nothing of two who edit at once: all that was accepted is there, and no more', async () => {
    const [one, other] = [await start(), await start(opened.use(await directoryWith(FILES)))]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        ask(i % 2 === 0 ? one : other, 'POST', '/devices', {
          id: `n${i % 10}`,
          address: '10.1.0.1',
        }),
      ),
    )
    const accepted = answers.filter(({ status }) => status === 201).length
    expect(answers.every(({ status }) => [201, 409].includes(status))).toBe(true)
    await waitFor(() => idsOf(one) === idsOf(other))
    expect(one.inventory.current.size).toBe(3 + accepted)
    expect(await audited()).toHaveLength(accepted)
  })

  test('a child of what another process deletes at that moment', async () => {
    const [one, other] = [await start(), await start(opened.use(await directoryWith(FILES)))]
    const answers = await Promise.all([
      ask(one, 'DELETE', '/devices/cam'),
      ask(other, 'POST', '/devices', { id: 'child', address: '10.1.0.1', parents: ['cam'] }),
    ])
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
  })
})
