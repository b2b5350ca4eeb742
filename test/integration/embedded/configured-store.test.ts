import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type Server, createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { startWardline } from '../../wardline-process.ts'

let folder = ''
let config = ''
let ports = { api: 0, collector: 0, alerting: 0 }
let owned = new AsyncDisposableStack()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-configured-'))
  config = join(folder, 'wardline.yaml')
  ports = { api: await freePort(), collector: await freePort(), alerting: await freePort() }
  owned = new AsyncDisposableStack()
  owned.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(() => owned.disposeAsync())

async function configure(urls: { vm: string; redis: string }, more: Record<string, unknown> = {}) {
  const wanted = {
    data_dir: join(folder, 'data'),
    defaults: { ping: { interval: '1s', count: 1, timeout: '300ms' } },
    inventory: { devices: [{ id: 'a', address: '198.18.0.1' }] },
    victoriametrics: { url: urls.vm },
    redis: { url: urls.redis },
    collector: { listen: `127.0.0.1:${ports.collector}` },
    alerting: { listen: `127.0.0.1:${ports.alerting}` },
    api: { listen: `127.0.0.1:${ports.api}` },
    ...more,
  }
  await writeFile(config, stringify(wanted))
}

const api = (path: string) =>
  fetch(`http://127.0.0.1:${ports.api}${path}`, { signal: AbortSignal.timeout(5_000) })
const firstStatus = async (): Promise<string | undefined> => {
  const response = await api('/api/v1/devices')
  if (!response.ok) return undefined
  const [device] = (await response.json()) as { status: string }[]
  return device?.status
}

/** Passes requests on to VictoriaMetrics, but those that `isHeld` picks: they are never answered. */
async function startGate(target: string, isHeld: (path: string) => boolean, port = 0) {
  let held = 0
  const server: Server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? ''
    if (isHeld(path)) {
      held++
      return void incoming.resume()
    }
    const { method, headers } = incoming
    const passed = request(target + path, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    held: () => held,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('histories that hang stop neither the view nor what is written', async () => {
  const stores = owned.use(await startStores())
  const gate = owned.use(await startGate(stores.vmUrl, (path) => path.includes('query_range')))
  await configure({ vm: gate.url, redis: stores.redisUrl })
  await using wardline = startWardline(['up', '--config', config])
  await waitFor(async () => (await firstStatus()) === 'up', {
    timeoutMs: 40_000,
    what: `a device that is up: ${wardline.output()}`,
  })

  const leaving = new AbortController()
  const charts = Array.from({ length: 10 }, () =>
    fetch(`http://127.0.0.1:${ports.api}/api/v1/devices/a/history?range=13mo`, {
      signal: leaving.signal,
    }).catch(() => null),
  )
  await waitFor(() => gate.held() > 0, { what: 'a history that hangs' })
  // Longer than a view may be old: those that answer now were asked for meanwhile.
  const hangingAt = Date.now()
  await waitFor(() => Date.now() - hangingAt > 6_000, { timeoutMs: 8_000, what: '6 s of hanging' })
  const [devices, health] = await Promise.all([api('/api/v1/devices'), api('/api/v1/health')])
  const [device] = (await devices.json()) as { status: string; last_sample_at: string }[]

  expect([devices.status, health.status]).toEqual([200, 200])
  expect(device?.status).toBe('up')
  expect(Date.parse(device?.last_sample_at ?? '')).toBeGreaterThan(hangingAt)
  leaving.abort()
  await Promise.all(charts)
})

test('without VictoriaMetrics the page and health are served at once, and all is well when it is there', async () => {
  const stores = owned.use(await startStores())
  const port = await freePort()
  await configure({ vm: `http://127.0.0.1:${port}`, redis: stores.redisUrl })
  const startedAt = Date.now()
  await using wardline = startWardline(['up', '--config', config])

  await waitFor(async () => (await api('/')).ok, { timeoutMs: 15_000, what: 'the page' })
  expect((await api('/api/v1/health')).status).toBe(503)
  await waitFor(() => wardline.output().includes("can't be used yet: check victoriametrics.url"))
  expect(Date.now() - startedAt).toBeLessThan(20_000)

  owned.use(await startGate(stores.vmUrl, () => false, port))
  await waitFor(async () => (await firstStatus()) === 'up', {
    timeoutMs: 40_000,
    what: 'a device that is up',
  })
})

test.each([
  ['a missing fping', { collector: { fping: 'no-such-fping' } }, 'no-such-fping'],
  ['a bad inventory', { inventory: { devices: [{ id: 'a' }] } }, 'address'],
])('without VictoriaMetrics %s is told at once', async (_, more, told) => {
  await configure({ vm: 'http://127.0.0.1:9', redis: 'redis://127.0.0.1:9' }, more)
  const startedAt = Date.now()
  await using wardline = startWardline(['up', '--config', config])

  expect(await wardline.exited, wardline.output()).toBe(2)
  expect(wardline.output()).toContain(told)
  expect(Date.now() - startedAt).toBeLessThan(20_000)
})
