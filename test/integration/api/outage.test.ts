import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { healthSchema } from '../../../api/health-schema.ts'
import { problemSchema } from '../../../api/schemas.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { evaluated, feed, ping, slot, startApi, state } from './stand.ts'

let owned = new AsyncDisposableStack()
afterEach(async () => {
  await owned.disposeAsync()
  owned = new AsyncDisposableStack()
})

test('A4 without VictoriaMetrics every answer is a 503 with its reason, and no list', async () => {
  const stores = owned.use(await startStores())
  const one = device('one')
  const api = owned.use(await startApi(stores, inventoryOf(one)))
  await feed(stores.victoriaMetrics, [
    state('one', true, slot(100)),
    ping(one, slot(), 0.01),
    evaluated(),
  ])
  await waitFor(async () => (await api.get('/api/v1/devices')).body[0].status === 'up')
  expect((await api.get('/readyz')).status).toBe(200)

  await stores[Symbol.asyncDispose]()
  const refused = await waitFor(async () => {
    const answer = await api.get('/api/v1/devices')
    // What was seen before is told for 5 s at most, with its age.
    if (answer.status === 200) {
      expect(Number(answer.headers.get('x-wardline-age-seconds'))).toBeLessThanOrEqual(5)
    }
    return answer.status === 503 && answer
  })

  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  expect(problemSchema.parse(refused.body)).toMatchObject({ status: 503, reason: 'unreachable' })
  for (const path of [
    '/api/v1/devices/one',
    '/api/v1/devices/one/history?range=1h',
    '/api/v1/devices/one/explain',
    '/api/v1/devices?at=2026-11-22T09:00:00Z',
    '/api/v1/branches?at=2026-11-22T09:00:00Z',
    '/api/v1/snmp/slowest',
    '/api/v1/branches',
    '/api/v1/regions',
    '/api/v1/alerts',
    '/api/v1/dashboard/stats',
    '/api/v1/scheduler/queues',
    '/readyz',
  ]) {
    expect.soft((await api.get(path)).status, path).toBe(503)
  }
  const health = await api.get('/api/v1/health')
  expect(health.status).toBe(503)
  expect(healthSchema.parse(health.body)).toMatchObject({
    status: 'unhealthy',
    components: { victoriametrics: { status: 'away' }, redis: { status: 'away' } },
  })
  expect((await api.get('/livez')).status).toBe(200)
  expect((await api.get('/')).status).toBe(200)
})

test('A5 what is kept at hand makes no difference: another process says the same of the same instant', async () => {
  const stores = owned.use(await startStores())
  const fleet = [device('one'), device('two', { parents: ['one'] }), device('three')]
  const first = owned.use(await startApi(stores, inventoryOf(...fleet)))
  await feed(stores.victoriaMetrics, [
    ...fleet.map((each) => state(each.id, each.id === 'three', slot(100))),
    ...fleet.map((each) => ping(each, slot(1), each.id === 'three' ? 0.01 : null)),
    evaluated(),
  ])
  await waitFor(async () => (await first.get('/api/v1/devices')).body[2].status === 'up')
  const known = await first.get('/api/v1/devices')
  const asOf = known.headers.get('x-wardline-as-of')
  const second = owned.use(await startApi(stores, inventoryOf(...fleet)))

  const fromFirst = await first.get(`/api/v1/devices?at=${asOf}`)
  const again = await first.get(`/api/v1/devices?at=${asOf}`)
  const fromSecond = await second.get(`/api/v1/devices?at=${asOf}`)

  expect(Number(known.headers.get('x-wardline-age-seconds'))).toBeLessThanOrEqual(2)
  expect(fromFirst.body).toEqual(known.body)
  expect(again.body).toEqual(known.body)
  expect(fromSecond.body).toEqual(known.body)
  expect(known.body.map(({ status }: { status: string }) => status)).toEqual([
    'down',
    'unreachable',
    'up',
  ])
})

test('without Redis the answers are the same and health says degraded', async () => {
  const stores = owned.use(await startStores())
  const one = device('one')
  const redisUrl = 'unix:///nowhere/redis.sock'
  const api = owned.use(await startApi({ vmUrl: stores.vmUrl, redisUrl }, inventoryOf(one)))
  await feed(stores.victoriaMetrics, [
    state('one', true, slot(100)),
    ping(one, slot(), 0.01),
    evaluated(),
  ])

  await waitFor(async () => (await api.get('/api/v1/devices/one')).body.status === 'up')

  const { status, body } = await api.get('/api/v1/health')
  expect(status).toBe(200)
  expect(body).toMatchObject({ status: 'degraded', components: { redis: { status: 'away' } } })
})

test('a port in use stops the start with a message that names the port and the key', async () => {
  const stores = owned.use(await startStores())
  const other = createServer((_request, response) => response.writeHead(404).end())
  owned.defer(() => void other.close())
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const { port } = other.address() as AddressInfo

  const starting = startApi(stores, inventoryOf(), { listen: `127.0.0.1:${port}` })

  await expect(starting).rejects.toThrow(new RegExp(`^api\\.listen: .*\\b${port}\\b`))
})

test('it ends within 5 s although event streams are open', async () => {
  const stores = owned.use(await startStores())
  const api = owned.use(await startApi(stores, inventoryOf(device('one'))))
  const streams = await Promise.all([1, 2, 3].map(() => fetch(`${api.url}/api/v1/events`)))

  const tookMs = await api.stop()

  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(tookMs).toBeLessThan(5_000)
})
