import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runAlerting } from '../../../alerting/main.ts'
import { collectorOf } from '../../../collector/main.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { createLog } from '../../../lib/log.ts'
import type { Service, ServiceDeps } from '../../../lib/service.ts'
import { connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, inShort, startReceiver } from '../alerting/receiver.ts'
import { type RunningApi, startApi } from '../api/stand.ts'
import { type OtherSide, openOtherSide } from './other-side.ts'

const ping = { intervalMs: 2_000, count: 2, timeoutMs: 500, confirm: 3 }
const devices = Array.from({ length: 12 }, (_, index) =>
  device(`d${index}`, { address: `10.213.1.${index + 10}`, ping }),
)
const addresses = devices.map(({ address }) => address)
const dead = devices[5] ?? device('none')

let stores: Stores
let receiver: TestReceiver
let otherSide: OtherSide
let api: RunningApi
beforeEach(async () => {
  otherSide = await openOtherSide()
  stores = await startStores()
  receiver = await startReceiver()
  api = await startApi(stores, inventoryOf(...devices))
  await otherSide.answer(...addresses)
})
afterEach(async () => {
  await api[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
  await otherSide[Symbol.asyncDispose]()
})

type Running = AsyncDisposable & { readonly restart: () => Promise<void> }

/** A service as `wardline run` runs it. */
async function start(service: Service): Promise<Running> {
  const config = configSchema.parse({
    data_dir: stores.dataDir,
    collector: {
      name: 'dc',
      listen: `127.0.0.1:${await freePort()}`,
      canaries: [otherSide.gateway],
    },
    alerting: {
      listen: `127.0.0.1:${await freePort()}`,
      availability_interval: '1s',
      interval: '2s',
      canary: false,
    },
    receivers: [{ name: 'ops', webhook: { url: receiver.url } }],
  })
  let stopping = new AbortController()
  let running = begin()

  async function begin(): Promise<void> {
    await using victoriaMetrics = connectVictoriaMetrics(stores.vmUrl)
    const deps: ServiceDeps = {
      config,
      inventory: inventoryOf(...devices),
      victoriaMetrics,
      redis: stores.redis,
      log: createLog('silent'),
      clock: systemClock,
      version: '1.2.3',
      mode: 'distributed',
    }
    await service(deps, stopping.signal)
  }

  async function stop(): Promise<void> {
    stopping.abort(new Error('the test stops it'))
    await running
  }

  return {
    async restart() {
      await stop()
      stopping = new AbortController()
      running = begin()
    },
    [Symbol.asyncDispose]: stop,
  }
}

type Row = { readonly id: string; readonly status: string; readonly down_since: string | null }

const rows = async (): Promise<Row[]> => (await api.get('/api/v1/devices')).body as Row[]

/** `{ up: 11, down: 1 }`: how many devices are what. */
async function statuses(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { status } of await rows()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const settled = (expected: Record<string, number>, what: string): Promise<unknown> =>
  waitFor(
    async () => {
      const now = await statuses()
      const isSo = Object.entries(expected).every(([status, count]) => now[status] === count)
      return isSo && Object.keys(now).length === Object.keys(expected).length
    },
    { timeoutMs: 30_000, what },
  )

const told = (): string[] => inShort(receiver.accepted())
const toldOf = (text: string): Promise<unknown> =>
  waitFor(() => told().includes(text), { timeoutMs: 30_000, what: text })

const lastStamp = async (): Promise<number> => {
  await stores.victoriaMetrics.flush()
  const [newest] = await stores.victoriaMetrics.query(
    'min(tlast_over_time(ping_up{vantage="dc"}[1m]))',
  )
  return (newest?.value ?? 0) * 1000
}

/** So long that every device was probed often enough to be told as down. */
async function wouldBeConfirmed(): Promise<void> {
  const from = Date.now()
  await waitFor(async () => (await lastStamp()) > from + 8_000, {
    timeoutMs: 30_000,
    intervalMs: 250,
    what: 'four probes of each device',
  })
}

describe('the collector loses its network', () => {
  test(
    'one alert, every status unknown; when it is back, all is as it was (C13)',
    { timeout: 120_000 },
    async () => {
      await using collector = await start(collectorOf(new Map()))
      await using alerting = await start(runAlerting)
      await settled({ up: 12 }, 'all devices to be up')
      await otherSide.silence(dead.address)
      await toldOf(`firing DeviceDown ${dead.id}`)
      await settled({ up: 11, down: 1 }, 'one device to be down')
      const before = (await rows()).find(({ id }) => id === dead.id)

      const cutAt = Date.now()
      await otherSide.cut()
      await toldOf('firing MonitoringBlind')
      await settled({ unknown: 12 }, 'all to be unknown')
      const health = await api.get('/api/v1/health')
      expect([health.status, health.body.status]).toEqual([503, 'unhealthy'])
      expect(health.body.reasons).toContainEqual(
        expect.stringMatching(/^monitoring is blind: collector dc sees none of its canaries since/),
      )
      const why = await api.get(`/api/v1/devices/${dead.id}/explain`)
      expect(why.body.text[0]).toMatch(/^Unknown: monitoring is blind\. Of collector dc no canary/)
      await wouldBeConfirmed()
      await alerting.restart()
      await collector.restart()
      await wouldBeConfirmed()
      expect(await statuses()).toEqual({ unknown: 12 })
      expect(told()).toEqual([`firing DeviceDown ${dead.id}`, 'firing MonitoringBlind'])

      await otherSide.mend()
      await toldOf('resolved MonitoringBlind')
      await settled({ up: 11, down: 1 }, 'all to be as it was')
      expect((await rows()).find(({ id }) => id === dead.id)?.down_since).toBe(before?.down_since)
      await wouldBeConfirmed()
      expect(await statuses()).toEqual({ up: 11, down: 1 })
      expect(told()).toEqual([
        `firing DeviceDown ${dead.id}`,
        'firing MonitoringBlind',
        'resolved MonitoringBlind',
      ])
      const blind = receiver.accepted().find(({ labels }) => labels['vantage'] === 'dc')
      expect(Math.abs(Date.parse(blind?.startsAt ?? '') - cutAt)).toBeLessThan(5_000)
    },
  )

  test(
    'all devices down while a canary answers is an outage of each (C13)',
    { timeout: 120_000 },
    async () => {
      await using _collector = await start(collectorOf(new Map()))
      await using _alerting = await start(runAlerting)
      await settled({ up: 12 }, 'all devices to be up')
      await otherSide.silence(...addresses)
      await settled({ down: 12 }, 'all to be down')
      await waitFor(() => told().length >= 12, { what: 'all outages to be told' })
      expect(told().sort()).toEqual(devices.map(({ id }) => `firing DeviceDown ${id}`).sort())
      const marks = await stores.victoriaMetrics.query(
        'max_over_time(wardline_vantage_blind{vantage="dc"}[5m])',
      )
      expect(marks.map(({ value }) => value)).toEqual([0])
    },
  )
})
