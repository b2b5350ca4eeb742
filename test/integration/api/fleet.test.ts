import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { deviceSchema } from '../../../api/schemas.ts'
import { STALE, encodeWriteRequest } from '../../../lib/remote-write.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, alert, feed, ping, slot, startApi, state, seldomPinged } from './stand.ts'

let stores: Stores
let api: RunningApi
const inventory = inventoryOf()

beforeAll(async () => {
  stores = await startStores()
  api = await startApi(stores, inventory)
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})
beforeEach(() => inventory.replace())

/** The device as the API tells it, once `check` holds. */
function told(id: string, check: (body: { status: string } & Record<string, unknown>) => boolean) {
  return waitFor(
    async () => {
      const { body, status } = await api.get(`/api/v1/devices/${encodeURIComponent(id)}`)
      if (status !== 200 || !check(body)) throw new Error(JSON.stringify(body))
      return deviceSchema.parse(body)
    },
    { what: `device ${id}` },
  )
}

test('B1 down_since is the instant that was kept, to the millisecond', async () => {
  const broken = seldomPinged('broken')
  inventory.replace(broken)
  const since = slot(7_200) + 123
  await feed(stores.victoriaMetrics, [state('broken', false, since), ping(broken, slot(1), null)])

  const body = await told('broken', ({ status }) => status === 'down')

  expect(body.down_since).toBe(new Date(since).toISOString())
  expect(body.downtime_seconds).toBeGreaterThanOrEqual(7_199)
})

test('A2 once it has recovered nothing still says down', async () => {
  const back = seldomPinged('back')
  inventory.replace(back)
  await feed(stores.victoriaMetrics, [
    state('back', false, slot(600), slot(20)),
    ping(back, slot(20), null),
  ])
  await told('back', ({ status }) => status === 'down')

  await feed(stores.victoriaMetrics, [state('back', true, slot(1)), ping(back, slot(1), 0.004)])
  const body = await told('back', ({ status }) => status === 'up')

  expect(body).toMatchObject({ down_since: null, downtime_seconds: null, rtt_ms: 4 })
  expect((await api.get('/api/v1/dashboard/stats')).body.devices).toMatchObject({ up: 1, down: 0 })
  expect((await api.get('/api/v1/branches')).body[0]).toMatchObject({ worst: [] })
  expect((await api.get('/api/v1/devices?status=down')).body).toEqual([])
})

test('A6 a device that was never sampled is unknown, a disabled one in no count', async () => {
  inventory.replace(device('never'), device('off', { enabled: false }))
  await feed(stores.victoriaMetrics, [state('off', false, slot(60))])

  const never = await told('never', ({ status }) => status === 'unknown')
  const off = await told('off', ({ status }) => status === 'disabled')

  expect(never).toMatchObject({ last_sample_at: null, since: null, down_since: null })
  expect(off).toMatchObject({ down_since: null, problems: [] })
  expect((await api.get('/api/v1/dashboard/stats')).body.devices).toMatchObject({
    total: 1,
    unknown: 1,
    disabled: 1,
    down: 0,
  })
})

test('A3 samples that stopped leave the status unknown, with their age and not with a state', async () => {
  const silent = device('silent')
  inventory.replace(silent)
  const last = slot(3_000)
  await feed(stores.victoriaMetrics, [state('silent', true, slot(9_000)), ping(silent, last, 0.01)])

  const body = await told('silent', ({ last_sample_at }) => last_sample_at !== null)

  expect(body).toMatchObject({ status: 'unknown', last_sample_at: new Date(last).toISOString() })
  expect(body.sample_age_seconds).toBeGreaterThanOrEqual(2_999)
  const health = await api.get('/api/v1/health')
  expect(health.status).toBe(503)
  expect(health.body.reasons).toContain('no recent sample of any device')
})

test('F4 a device that moved to another branch has one row, with what its newest series says', async () => {
  const old = device('moved', { branch: 'old' })
  const moved = device('moved', { branch: 'new' })
  inventory.replace(moved)
  await feed(stores.victoriaMetrics, [
    state('moved', true, slot(9_000)),
    ping(old, slot(11), null),
    ping(moved, slot(1), 0.007),
  ])

  await told('moved', ({ rtt_ms }) => rtt_ms === 7)
  const { body } = await api.get('/api/v1/devices')

  expect(body).toHaveLength(1)
  expect(body[0]).toMatchObject({ branch: 'new', status: 'up', loss_ratio: 0 })
})

test('F5 two devices that share an address and a name keep their own status', async () => {
  const twins = ['twin-1', 'twin-2'].map((id) => device(id, { name: 'twin' }))
  inventory.replace(...twins)
  const [first, second] = twins
  if (first === undefined || second === undefined) throw new Error('two were made')
  await feed(stores.victoriaMetrics, [
    state('twin-1', true, slot(100)),
    state('twin-2', false, slot(50)),
    ping(first, slot(1), 0.001),
    ping(second, slot(1), null),
  ])

  await told('twin-2', ({ status }) => status === 'down')

  expect((await api.get('/api/v1/devices/twin-1')).body.status).toBe('up')
})

test('F6 a ping that got no answer has no round-trip time, though an earlier one had', async () => {
  const lost = device('lost')
  inventory.replace(lost)
  await feed(stores.victoriaMetrics, [
    state('lost', true, slot(100)),
    ping(lost, slot(11), 0.2),
    ping(lost, slot(1), null),
  ])

  const body = await told('lost', ({ loss_ratio }) => loss_ratio === 1)

  expect(body).toMatchObject({ status: 'up', rtt_ms: null })
  expect((await api.get('/api/v1/dashboard/stats')).body.rtt_ms).toEqual({ mean: null, p95: null })
})

test('F2 ids and branches with odd characters are told apart, found and asked for', async () => {
  const odd = ['a "b" \\ c', 'x/y?z#%', 'ქუთაისი, №1 =🙂', "it's|a {b}"]
  const devices = odd.map((id) => device(id, { branch: `of ${id}` }))
  inventory.replace(...devices)
  await feed(
    stores.victoriaMetrics,
    devices.flatMap((each, index) => [
      state(each.id, false, slot(100 + index)),
      ping(each, slot(1), null),
    ]),
  )

  for (const [index, id] of odd.entries()) {
    const body = await told(id, ({ status }) => status === 'down')
    expect(body).toMatchObject({ id, branch: `of ${id}` })
    expect(body.downtime_seconds).toBeGreaterThanOrEqual(100 + index)
    const branch = encodeURIComponent(`of ${id}`)
    expect((await api.get(`/api/v1/devices?branch=${branch}`)).body).toHaveLength(1)
    const history = await api.get(`/api/v1/devices/${encodeURIComponent(id)}/history?range=1h`)
    expect(history.body.outages).toHaveLength(1)
  }
})

test('an unreachable device names the down ancestor that is the cause', async () => {
  const root = device('root')
  const middle = device('middle', { parents: ['root'] })
  const leaf = device('leaf', { parents: ['middle'] })
  const all = [root, middle, leaf]
  const since = slot(60)
  inventory.replace(...all)
  await feed(
    stores.victoriaMetrics,
    all.flatMap((each) => [state(each.id, false, since), ping(each, slot(1), null)]),
  )

  const body = await told('leaf', ({ status }) => status === 'unreachable')

  expect(body.cause).toEqual(['root'])
  expect(body.down_since).toBe(new Date(since).toISOString())
})

test('A2 an alert that ended is told no longer, though its last sample is seconds old', async () => {
  const noisy = device('noisy')
  inventory.replace(noisy)
  const labels = { alertname: 'HighLatency', severity: 'warning', device: 'noisy' }
  const firing = { __name__: 'ALERTS', alertstate: 'firing', ...labels }
  const activeAt = slot(90)
  const write = async (value: number | typeof STALE, at: number) => {
    await stores.victoriaMetrics.remoteWrite(encodeWriteRequest([{ labels: firing, value, at }]))
    await stores.victoriaMetrics.flush()
  }
  await feed(stores.victoriaMetrics, [
    state('noisy', true, slot(900)),
    ping(noisy, slot(), 0.3),
    ...alert({ ...labels, alertstate: 'firing' }, activeAt, slot(5)),
  ])
  const body = await told('noisy', ({ problems }) => (problems as unknown[]).length === 1)
  expect(body.problems[0]).toEqual({
    alert: 'HighLatency',
    severity: 'warning',
    state: 'firing',
    active_at: new Date(activeAt).toISOString(),
  })
  expect((await api.get('/api/v1/alerts')).body).toMatchObject([
    { device: 'noisy', branch: 'Vake' },
  ])

  await write(STALE, slot(1))

  await told('noisy', ({ problems }) => (problems as unknown[]).length === 0)
  expect((await api.get('/api/v1/alerts?state=any')).body).toEqual([])
})
