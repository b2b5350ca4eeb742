import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Device } from '../../../lib/inventory.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from '../alerting/receiver.ts'
import { START, type Simulation, pings, simulate } from '../alerting/simulation.ts'
import { directoryWith } from '../inventory/files.ts'
import { type Process, startProcess } from './stand.ts'

const SECOND = 1_000
const MINUTE = 60_000

let opened: AsyncDisposableStack
let sim: Simulation
let api: Process
let receiver: Awaited<ReturnType<typeof startReceiver>>

/** The engine over an inventory that the API changes; the router is down since `START + MINUTE`. */
beforeEach(async () => {
  opened = new AsyncDisposableStack()
  const directory = opened.use(
    await directoryWith({
      'wardline.yaml':
        'inventory: {devices: [{id: router, address: 10.0.0.1, branch: Vake}, {id: other, address: 10.0.0.2}]}',
    }),
  )
  receiver = opened.use(await startReceiver())
  sim = opened.use(await simulate({ devices: [], receivers: [{ url: receiver.url }] }))
  api = opened.use(await startProcess(directory, sim.stores.redisUrl))
  sim.inventory.replace(...api.inventory.current.values())
  api.inventory.onChange((inventory) => sim.inventory.replace(...inventory.values()))
  await sim.ping(pings(device('other'), true, START, START + 12 * MINUTE))
  await sim.ping(pings(device('router'), true, START, START + MINUTE))
  await sim.ping(pings(device('router'), false, START + MINUTE, START + 3 * MINUTE))
  await sim.start()
  await sim.runUntil(START + 3 * MINUTE)
  await waitFor(() => receiver.requests.length === 1, { what: 'the outage to be told' })
})
afterEach(() => opened.disposeAsync())

function device(id: string): Device {
  const found = api.inventory.current.get(id)
  if (found === undefined) throw new Error(`no device ${id}`)
  return found
}

const shown = async (): Promise<string[]> =>
  (await sim.query(`{__name__=~"device_(status|up|down_since_seconds)",device="router"}`))
    .map(({ labels, value }) => `${labels['__name__']} ${labels['status'] ?? value}`)
    .toSorted()

const downSince = async (): Promise<number | null> => {
  const [point] = await sim.query('device_down_since_seconds{device="router"}')
  return point === undefined ? null : Math.round(point.value * 1000)
}

test.each([
  ['disabled', 'PATCH', { enabled: false }],
  ['deleted', 'DELETE', undefined],
])(
  'a device that is %s through the API: its alert ends and it is in no series, at once (A6)',
  async (_, method, body) => {
    const { status } = await api.request(method, '/devices/router', body)
    expect(status).toBeLessThan(300)
    await sim.runUntil(START + 3 * MINUTE + 2 * SECOND)
    expect(await shown()).toEqual([])
    expect(await sim.query('ALERTS{device="router"}')).toEqual([])
    await waitFor(() => receiver.requests.length === 2)
    expect(inShort(receiver.accepted())).toEqual([
      'firing DeviceDown router',
      'resolved DeviceDown router',
    ])
  },
)

test.each([
  [
    'enabled again',
    { method: 'PATCH', path: '/devices/router', body: { enabled: false } },
    { method: 'PATCH', path: '/devices/router', body: { enabled: true } },
  ],
  [
    'restored',
    { method: 'DELETE', path: '/devices/router', body: undefined },
    { method: 'POST', path: '/devices/router/restore', body: undefined },
  ],
])('%s through the API it has no stale down_since (A6)', async (_, away, back) => {
  await api.request(away.method, away.path, away.body)
  const backAt = START + 8 * MINUTE
  await sim.runUntil(backAt)
  expect((await api.request(back.method, back.path, back.body)).status).toBe(200)
  await sim.runUntil(backAt + 4 * SECOND)
  expect(await shown()).toEqual(['device_status unknown'])

  const failedAt = backAt + 5 * SECOND
  await sim.ping(pings(device('router'), false, failedAt, failedAt + 30 * SECOND))
  await sim.runUntil(failedAt + 40 * SECOND)
  expect(await downSince()).toBe(failedAt)
})

test('a device that is renamed and moved through the API while it is down keeps its since (F4)', async () => {
  await api.request('PATCH', '/devices/router', {
    branch: 'Gldani',
    name: 'New',
    address: '10.0.0.9',
  })
  await sim.ping(pings(device('router'), false, START + 3 * MINUTE, START + 5 * MINUTE))
  await sim.runUntil(START + 5 * MINUTE)
  expect(await downSince()).toBe(START + MINUTE)
  const statuses = await sim.query('device_status{device="router"}')
  expect(statuses.map(({ labels }) => labels['branch'])).toEqual(['Gldani'])
})
