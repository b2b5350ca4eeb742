import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { startWardline } from '../../wardline-process.ts'
import { type Directory, directoryWith } from '../inventory/files.ts'

let opened: AsyncDisposableStack
let stores: Stores
let directory: Directory
let apiUrl: string

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
  directory = opened.use(await directoryWith({}))
  const listen = async () => `127.0.0.1:${await freePort()}`
  const api = await listen()
  apiUrl = `http://${api}`
  const configuration = {
    data_dir: directory.of('data'),
    victoriametrics: { url: stores.vmUrl },
    redis: { url: stores.redisUrl },
    collector: { listen: await listen() },
    alerting: { listen: await listen(), canary: false },
    api: { listen: api },
    defaults: { ping: { interval: '1s', count: 1, timeout: '300ms' } },
    inventory: { devices: [{ id: 'core', address: '198.18.0.1', branch: 'HQ' }] },
  }
  await writeFile(directory.of('wardline.yaml'), stringify(configuration))
})
afterEach(() => opened.disposeAsync())

const start = (...args: string[]) =>
  opened.use(startWardline([...args, '--config', directory.of('wardline.yaml')]))

async function device(...args: string[]): Promise<void> {
  const command = start('device', ...args)
  expect(await command.exited, command.output()).toBe(0)
}

const listed = async (query: string): Promise<string[]> => {
  const response = await fetch(`${apiUrl}/api/v1/devices?${query}`)
  const found = (await response.json()) as { id: string; status: string; origin: string }[]
  return found.map(({ id, status, origin }) => `${id} ${status} ${origin}`)
}

test('H3 a device that is added, moved, deleted: in services that run apart, in filters and after their restart', async () => {
  const collector = start('run', 'collector')
  const others = start('run', 'alerting', 'api')
  await waitFor(async () => (await listed('')).join() === 'core up file', {
    timeoutMs: 30_000,
    what: 'the first device to be up',
  })
  await device('add', 'new', '198.18.0.2', 'branch=Gori')
  await waitFor(async () => (await listed('branch=Gori')).join() === 'new up api', {
    timeoutMs: 20_000,
    what: 'the new device to be up',
  })
  await device('set', 'core', 'branch=Gori')
  await waitFor(async () => (await listed('branch=Gori')).join() === 'core up both,new up api')
  await device('remove', 'new')
  await waitFor(async () => (await listed('')).join() === 'core up both')
  const infos = async () => {
    await stores.victoriaMetrics.flush()
    return (await stores.victoriaMetrics.query('device_info')).map(
      ({ labels }) => `${labels['device']} ${labels['branch']}`,
    )
  }
  await waitFor(async () => (await infos()).join() === 'core Gori', { what: 'no ghost' })

  for (const service of [collector, others]) {
    service.kill('SIGTERM')
    expect(await service.exited, service.output()).toBe(0)
  }
  start('run', 'alerting', 'api')
  await waitFor(async () => (await listed('branch=Gori')).length === 1, { timeoutMs: 20_000 })
  expect((await listed('')).map((line) => line.split(' ')[0])).toEqual(['core'])
})

test('through the served API, signed in by a token: the very next list has what was changed, and the audit log whose it was', async () => {
  start('run', 'alerting', 'api')
  await waitFor(async () => (await listed('')).length === 1, { timeoutMs: 30_000 })
  const command = start('token', 'add', 'ci', '--role', 'admin', '--json')
  expect(await command.exited, command.output()).toBe(0)
  const { token } = JSON.parse(command.output()) as { token: string }
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${apiUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const anybody = await fetch(`${apiUrl}/api/v1/devices/core`, { method: 'DELETE' })
  expect(anybody.status).toBe(401)

  const created = await ask('POST', '/devices', {
    id: 'new',
    address: '198.18.0.2',
    branch: 'Gori',
  })
  expect(created.status).toBe(201)
  expect(await listed('branch=Gori')).toEqual(['new unknown api'])
  expect((await ask('PATCH', '/devices/core', { branch: 'Gori' })).status).toBe(200)
  expect(await listed('branch=Gori')).toEqual(['core unknown both', 'new unknown api'])
  expect((await ask('DELETE', '/devices/core')).status).toBe(204)
  expect(await listed('')).toEqual(['new unknown api'])
  const audit = (await (await ask('GET', '/audit?kind=device')).json()) as Record<string, string>[]
  expect(audit.map(({ who, what, id }) => [who, what, id])).toEqual([
    ['token:ci', 'device deleted', 'core'],
    ['token:ci', 'device changed', 'core'],
    ['token:ci', 'device created', 'new'],
  ])
})
