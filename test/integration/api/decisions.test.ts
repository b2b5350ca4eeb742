import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runAlerting } from '../../../alerting/main.ts'
import type { AlertJson } from '../../../api/alerts/schema.ts'
import type { SilenceJson } from '../../../api/decisions/silence-json.ts'
import type { DeviceJson } from '../../../api/schemas.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import type { Device } from '../../../lib/inventory.ts'
import { createLog } from '../../../lib/log.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, inShort, startReceiver } from '../alerting/receiver.ts'
import { amtool } from '../decisions/amtool.ts'
import { type Ask, signedIn } from './signed-in.ts'
import { type RunningApi, feed, ping, slot, startApi } from './stand.ts'

const HOUR = 3_600_000
const iso = (at: number): string => new Date(at).toISOString()
const soon = () => ({ ends_at: iso(Date.now() + HOUR), comment: 'new roof' })

const of = (id: string, branch: string, region: string) => device(id, { branch, region })
const [quiet, loud, planned, taken, west] = [
  of('quiet', 'Vake', 'East'),
  of('loud', 'Vake', 'East'),
  of('planned', 'Gldani', 'East'),
  of('taken', 'Gldani', 'East'),
  of('west', 'Batumi', 'West'),
] as const

let opened: AsyncDisposableStack
let stores: Stores
let receiver: TestReceiver
let api: RunningApi
let alertingUrl: string
let nino: Ask

beforeAll(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
  receiver = opened.use(await startReceiver())
  const listen = `127.0.0.1:${await freePort()}`
  alertingUrl = `http://${listen}`
  const config = {
    data_dir: stores.dataDir,
    alerting: { listen, availability_interval: '500ms' },
    receivers: [{ name: 'ops', webhook: { url: receiver.url } }],
  }
  const inventory = inventoryOf(quiet, loud, planned, taken, west)
  const stopping = new AbortController()
  const alerting = runAlerting(
    {
      config: configSchema.parse(config),
      inventory,
      victoriaMetrics: stores.victoriaMetrics,
      redis: stores.redis,
      clock: systemClock,
      log: createLog('silent'),
      version: '0.0.0-test',
      mode: 'distributed',
    },
    stopping.signal,
  )
  opened.defer(async () => {
    stopping.abort(new Error('the test is over'))
    await alerting
  })
  await waitFor(async () => (await fetch(`${alertingUrl}/health`)).ok)
  api = opened.use(await startApi(stores, inventory, { config }))
  nino = await signedIn(api, stores.redis, 'nino', 'operator')
})
afterAll(() => opened?.disposeAsync())

/** The device answered until now, and falls silent. */
async function fail(one: Device): Promise<void> {
  const answered = [40, 30, 20].map((ago) => ping(one, slot(ago), 0.004))
  await feed(stores.victoriaMetrics, [
    ...answered,
    ...[10, 8, 6, 4, 2, 0].map((ago) => ping(one, slot(ago), null)),
  ])
}
/** It answers again, in a second of its own: that of the last failed probe has its sample. */
async function recover(one: Device): Promise<void> {
  const before = slot()
  await waitFor(() => slot() > before, { intervalMs: 20 })
  await feed(stores.victoriaMetrics, [ping(one, slot(), 0.004)])
}

const toldOf = ({ id }: Device): string[] =>
  inShort(receiver.accepted().filter(({ labels }) => labels['device'] === id))

const alertOf = ({ id }: Device): Promise<AlertJson> =>
  waitFor(
    async () => {
      const { body } = await nino('GET', `/alerts?device=${id}&alert=DeviceDown`)
      return (body as AlertJson[])[0]
    },
    { what: `the alert of ${id}`, timeoutMs: 20_000 },
  )

async function add(path: string, body: object): Promise<{ id: string }> {
  const answer = await nino('POST', path, body)
  expect(answer).toMatchObject({ status: 201 })
  return answer.body as { id: string }
}

describe('a decision by the API is in force', () => {
  test('C11 a silence: an outage is not told, and shows what holds it; ended, it is told and resolved once', async () => {
    const { id } = await add('/silences', { device: 'quiet', ...soon() })
    await fail(quiet)
    await fail(loud)
    await waitFor(() => toldOf(loud).length > 0, { timeoutMs: 20_000 })

    await waitFor(async () => (await alertOf(quiet)).held?.by === 'silence', { timeoutMs: 20_000 })
    expect((await alertOf(quiet)).held).toEqual({ by: 'silence', cause: id })
    expect((await alertOf(loud)).held).toBeNull()
    expect(toldOf(quiet)).toEqual([])

    expect((await nino('DELETE', `/silences/${id}`)).status).toBe(204)
    await waitFor(() => toldOf(quiet).length > 0, { timeoutMs: 20_000 })
    await recover(quiet)
    await waitFor(() => toldOf(quiet).length > 1, { timeoutMs: 20_000 })
    expect(toldOf(quiet)).toEqual(['firing DeviceDown quiet', 'resolved DeviceDown quiet'])
  }, 60_000)

  test('C11 a window that is added while an outage lasts holds its resolution back no more than any other', async () => {
    await fail(planned)
    await waitFor(() => toldOf(planned).length > 0, { timeoutMs: 20_000 })
    const schedule = {
      kind: 'once',
      starts_at: iso(Date.now() - HOUR),
      ends_at: iso(Date.now() + HOUR),
    }
    const { id } = await add('/maintenance', { name: 'Roof', device: 'planned', schedule })
    const held = { by: 'maintenance', cause: 'Roof' }
    await waitFor(async () => (await alertOf(planned)).held !== null, { timeoutMs: 20_000 })
    expect((await alertOf(planned)).held).toEqual(held)
    const { body } = await nino('GET', '/devices/planned')
    expect((body as DeviceJson).maintenance).toMatchObject({ id, name: 'Roof' })

    await recover(planned)
    await waitFor(() => toldOf(planned).length > 1, { timeoutMs: 20_000 })
    expect(toldOf(planned)).toEqual(['firing DeviceDown planned', 'resolved DeviceDown planned'])
  }, 60_000)

  test('C11 an acknowledgement is of the occurrence that alerting knows, shows at the alert and its device, and ends with the outage', async () => {
    await fail(taken)
    const { fingerprint } = await alertOf(taken)
    const given = await nino('POST', `/alerts/${fingerprint}/ack`, { comment: 'on my way' })
    const shown = { by: 'token:nino', comment: 'on my way', until: null }

    expect(given).toMatchObject({ status: 201, body: { fingerprint, ...shown, sticky: false } })
    await waitFor(async () => (await alertOf(taken)).acknowledged !== null)
    expect((await alertOf(taken)).acknowledged).toMatchObject(shown)
    const ofDevice = await nino('GET', '/devices/taken')
    expect((ofDevice.body as DeviceJson).acknowledged).toMatchObject(shown)
    // It is the occurrence that alerting knows: it holds that back.
    await waitFor(
      async () => {
        await stores.victoriaMetrics.flush()
        const expr = 'last_over_time(wardline_alert_held{device="taken",by="acknowledged"}[1m])'
        return (await stores.victoriaMetrics.query(expr)).length > 0
      },
      { timeoutMs: 20_000 },
    )

    await recover(taken)
    await waitFor(
      async () => {
        const told = (await nino('GET', '/devices/taken')).body as DeviceJson
        return told.status === 'up' && told.acknowledged === null
      },
      { timeoutMs: 20_000 },
    )
  }, 60_000)
})

describe('amtool', () => {
  test('sees a silence that the API made, and the API one that amtool made', async () => {
    const { id } = await add('/silences', { branch: 'Batumi', ...soon() })
    const shown = await waitFor(async () => {
      const { out } = await amtool(alertingUrl, 'silence', 'query', '-o', 'json', 'branch=Batumi')
      const found = JSON.parse(out) as { id: string; createdBy: string }[]
      return found.length > 0 && found
    })
    expect(shown).toMatchObject([{ id, createdBy: 'token:nino', comment: 'new roof' }])

    const duration = ['--duration=2h', '--author=lasha', '--comment=harbour']
    const added = await amtool(alertingUrl, 'silence', 'add', 'device=west', ...duration)
    const path = `/silences/${added.out.trim()}`
    const told = await waitFor(async () => {
      const { status, body } = await nino('GET', path)
      return status === 200 && (body as SilenceJson)
    })
    expect(told).toMatchObject({ state: 'active', created_by: 'lasha', affects: { devices: 1 } })
    expect((await nino('DELETE', path)).status).toBe(204)
    await waitFor(async () => {
      const { out } = await amtool(alertingUrl, 'silence', 'query', '-q', 'device=west')
      return out === ''
    })
  })
})

describe('H5 a token of the region West', () => {
  test('silences there, and neither sees nor touches what is of others', async () => {
    const scope = { regions: ['West'], branches: [] }
    const own = await signedIn(api, stores.redis, 'west', 'operator', scope)
    const east = await add('/silences', { region: 'East', ...soon() })
    const made = await own('POST', '/silences', { device: 'west', ...soon() })

    expect(made).toMatchObject({ status: 201, body: { affects: { devices: 1 } } })
    const list = (await own('GET', '/silences')).body as SilenceJson[]
    expect(list.map(({ id }) => id)).not.toContain(east.id)
    expect((await own('DELETE', `/silences/${east.id}`)).status).toBe(404)
    expect((await own('POST', '/silences', { device: 'loud', ...soon() })).status).toBe(400)
    expect((await own('GET', '/alerts?state=any')).body).toEqual([])
    expect((await own('GET', '/alerts/history')).body).toEqual([])
    expect((await own('GET', '/devices/loud/interfaces')).status).toBe(404)
  })
})

test('without Redis nothing is changed, and that is said; what is known stays to be read', async () => {
  const { redis: pid } = stores.pids()
  process.kill(pid ?? Number.NaN, 'SIGSTOP')
  try {
    const answer = await nino('POST', '/silences', { region: 'East', ...soon() })
    expect(answer).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('nothing was changed') },
    })
    expect((await nino('GET', '/silences')).status).toBe(200)
  } finally {
    process.kill(pid ?? Number.NaN, 'SIGCONT')
  }
}, 30_000)
