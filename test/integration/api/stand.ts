import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runApi } from '../../../api/main.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { type Device, type InventorySource, identityLabels } from '../../../lib/inventory.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { connectRedis } from '../../../lib/redis.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device } from '../../fakes/inventory.ts'
import { type Stores, freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/** A device whose samples are fresh for minutes: none of it is unknown because the machine was slow. */
export const seldomPinged = (id: string, given: Partial<Device> = {}): Device => {
  const usual = device(id)
  return { ...usual, ping: { ...usual.ping, intervalMs: 60_000 }, ...given }
}

/** Writes samples and makes them searchable. */
export async function feed(vm: VictoriaMetrics, samples: readonly Sample[]): Promise<void> {
  await vm.writeLines(samples.map(encodeLine).filter(Boolean).join('\n'))
  await vm.flush()
}

/** The newest whole second: what a slot that was just probed is stamped with. */
export const slot = (secondsAgo = 0): number =>
  Math.floor(Date.now() / 1000) * 1000 - secondsAgo * 1000

/** A ping that was answered in `rttSeconds`, or not at all. */
export function ping(of: Device, at: number, rttSeconds: number | null): Sample {
  const up = rttSeconds !== null
  return {
    measurement: 'ping',
    labels: { ...identityLabels(of), vantage: 'v1' },
    fields: { up: Number(up), loss_ratio: up ? 0 : 1, ...(up ? { rtt_seconds: rttSeconds } : {}) },
    at,
  }
}

/** What alerting keeps of a device: since when (Unix milliseconds) it is up or down. */
export function state(id: string, up: boolean, since: number, at = slot()): Sample {
  return {
    measurement: 'device_state',
    labels: { device: id },
    fields: { up: Number(up), since: since / 1000 },
    at,
  }
}

/** An alert as alerting writes it. */
export function alert(
  labels: Readonly<Record<string, string>>,
  activeAt: number,
  at = slot(),
): Sample[] {
  const { alertstate: _state, ...own } = labels
  return [
    { measurement: '', labels, fields: { ALERTS: 1 }, at },
    { measurement: '', labels: own, fields: { ALERTS_FOR_STATE: activeAt / 1000 }, at },
  ]
}

/** Sign that the rules are evaluated. */
export const evaluated = (at = slot()): Sample => ({
  measurement: '',
  labels: { loop: 'group:availability', instance: 'a1' },
  fields: { wardline_loop_last_success_timestamp_seconds: at / 1000 },
  at,
})

export type RunningApi = AsyncDisposable & {
  readonly url: string
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** Ends it; resolves with the milliseconds that it took. */
  stop(): Promise<number>
}

// oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what each test checks
export type Answer = { status: number; headers: Headers; body: any }

/** The real service over real stores, on a port of its own. */
export async function startApi(
  stores: Pick<Stores, 'vmUrl' | 'redisUrl'>,
  inventory: InventorySource,
  {
    listen,
    victoriaMetrics,
    config = {},
  }: {
    listen?: string
    victoriaMetrics?: VictoriaMetrics
    /** Of wardline.yaml, but for `api`. */
    config?: Readonly<Record<string, unknown>>
  } = {},
): Promise<RunningApi> {
  await using owned = new AsyncDisposableStack()
  const log = createLog('silent')
  const address = listen ?? `127.0.0.1:${await freePort()}`
  // What one API knew of its Redis is nothing to the next one's.
  const dataDir = await mkdtemp(join(tmpdir(), 'wardline-api-'))
  owned.defer(() => rm(dataDir, { recursive: true, force: true }))
  const redis = connectRedis(stores.redisUrl, log)
  owned.defer(() => redis.disconnect())
  const vm = victoriaMetrics ?? owned.use(connectVictoriaMetrics(stores.vmUrl))
  const ending = new AbortController()
  const running = runApi(
    {
      config: configSchema.parse({ data_dir: dataDir, ...config, api: { listen: address } }),
      inventory,
      victoriaMetrics: vm,
      redis,
      log,
      clock: systemClock,
      version: '0.0.0-test',
      mode: 'standalone',
    },
    ending.signal,
  )
  const url = `http://${address}`
  async function stop(): Promise<number> {
    const startedAt = performance.now()
    ending.abort()
    await running
    return performance.now() - startedAt
  }
  owned.defer(async () => {
    ending.abort()
    await running.catch(() => {}) // told to whoever waits for the start, or for stop
  })
  const isServed = waitFor(async () => (await fetch(`${url}/livez`)).ok, { what: 'the API' })
  await Promise.race([isServed, running])
  const kept = owned.move()
  return {
    url,
    stop,
    async get(path, headers = {}) {
      const response = await fetch(url + path, { headers })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text !== '' ? JSON.parse(text) : text,
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
