import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runAlerting } from '../../../alerting/main.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { CHANNELS } from '../../../lib/service.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, inShort, startReceiver } from './receiver.ts'

const router = device('router-1')

let stores: Stores
let receiver: TestReceiver
beforeEach(async () => {
  stores = await startStores()
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
})

/** Alerting as `wardline run alerting` runs it, in real time. */
async function startService(
  alerting: Record<string, string>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const listen = `127.0.0.1:${await freePort()}`
  const config = configSchema.parse({
    data_dir: stores.dataDir,
    alerting: { listen, ...alerting },
    receivers: [{ name: 'ops', webhook: { url: receiver.url } }],
  })
  const stopping = new AbortController()
  const running = runAlerting(
    {
      config,
      inventory: inventoryOf(router),
      victoriaMetrics: stores.victoriaMetrics,
      redis: stores.redis,
      clock: systemClock,
      log: createLog('silent'),
      version: '1.2.3',
      mode: 'distributed',
    },
    stopping.signal,
  )
  const url = `http://${listen}`
  await waitFor(async () => (await fetch(`${url}/health`)).ok)
  return {
    url,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the service stops'))
      await running
    },
  }
}

/** A probe `secondsAgo`, on a whole second. */
async function ping(secondsAgo: number, up: boolean): Promise<void> {
  const at = (Math.floor(Date.now() / 1000) - secondsAgo) * 1000
  const labels = { ...identityLabels(router), vantage: 'v' }
  const fields = up ? { up: 1, rtt_seconds: 0.01 } : { up: 0 }
  await stores.victoriaMetrics.writeLines(encodeLine({ measurement: 'ping', labels, fields, at }))
}

async function hasEvaluated(url: string, group = 'availability'): Promise<boolean> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return metrics.includes(`loop="group:${group}"`)
}

test('a hint of the collector has an outage told at once, whatever the interval', async () => {
  await using service = await startService({ availability_interval: '1m' })
  await ping(5, true)
  await waitFor(() => hasEvaluated(service.url))
  const statuses: string[] = []
  const subscriber = stores.redis.duplicate()
  await subscriber.connect()
  subscriber.on('message', (_channel, message) => statuses.push(message))
  await subscriber.subscribe(CHANNELS.statuses)
  for (const ago of [3, 2, 1]) await ping(ago, false)

  const hintedAt = performance.now()
  await waitFor(async () => {
    await stores.redis.publish(CHANNELS.probes, '[]')
    return receiver.requests.length > 0
  })
  // A minute without the hint; most of this is VictoriaMetrics and Redis on a machine that does other things too.
  expect(performance.now() - hintedAt).toBeLessThan(5_000)
  expect(inShort(receiver.accepted())).toEqual(['firing DeviceDown router-1'])

  const [since] = receiver.accepted().map(({ annotations }) => annotations['down_since'])
  await waitFor(() => statuses.some((text) => text.includes('"down"')))
  const changes = statuses.flatMap((text) => JSON.parse(text) as Record<string, unknown>[])
  expect(changes.find(({ status }) => status === 'down')).toEqual({
    device: 'router-1',
    status: 'down',
    since,
    at: expect.stringMatching(/Z$/),
  })
  subscriber.disconnect()
})

test('says of itself how it is: health, metrics of every group, and the same in VictoriaMetrics', async () => {
  await using service = await startService({ interval: '1s', availability_interval: '500ms' })
  const groups = ['availability', 'quality', 'snmp', 'self']
  for (const group of groups) await waitFor(() => hasEvaluated(service.url, group))
  expect(await (await fetch(`${service.url}/health`)).json()).toEqual({
    status: 'healthy',
    component: 'alerting',
    version: '1.2.3',
    role: 'leader',
    token: 1,
  })
  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  expect(metrics).toMatch(/wardline_build_info\{.*version="1\.2\.3".*\} 1/)
  for (const group of groups)
    expect(metrics).toMatch(new RegExp(`wardline_evaluation_seconds{group="${group}"} `))
  await waitFor(
    async () => {
      await stores.victoriaMetrics.flush()
      const query = 'wardline_loop_last_success_timestamp_seconds{instance="alerting"}[1m]'
      return (
        (await stores.victoriaMetrics.query(`last_over_time(${query})`)).length >= groups.length
      )
    },
    { timeoutMs: 20_000 },
  )
})

test('is unhealthy while VictoriaMetrics is away', async () => {
  await using service = await startService({ availability_interval: '500ms' })
  await waitFor(() => hasEvaluated(service.url))
  const pid = stores.pids().victoriaMetrics ?? Number.NaN
  process.kill(pid, 'SIGSTOP')
  try {
    const answer = await waitFor(
      async () => {
        const response = await fetch(`${service.url}/health`)
        return response.status === 503 ? ((await response.json()) as unknown) : undefined
      },
      { timeoutMs: 20_000 },
    )
    expect(answer).toMatchObject({ status: 'unhealthy', component: 'alerting' })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await waitFor(async () => (await fetch(`${service.url}/health`)).ok, { timeoutMs: 30_000 })
})

test('B4 a time zone changes nothing in a notification', async () => {
  const script = new URL('print-notification.ts', import.meta.url).pathname
  const printed = []
  for (const TZ of ['UTC', 'Asia/Tbilisi', 'America/Los_Angeles', 'Europe/Berlin']) {
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, TZ },
    })
    printed.push(stdout)
  }
  const [utc = '', ...others] = printed
  const times = utc.match(/\d{4}-\d\d-\d\dT\S+?(?=[" )])/g) ?? []
  expect(times.length).toBeGreaterThanOrEqual(4)
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
  expect(others).toEqual([utc, utc, utc])
})
