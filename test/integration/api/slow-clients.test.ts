import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, evaluated, feed, ping, slot, startApi, state } from './stand.ts'

const DEVICES = 1_000
const CLIENTS = 200

let stores: Stores
const owned = new AsyncDisposableStack()
const fleet = Array.from({ length: DEVICES }, (_, index) => device(`d${index}`))

beforeAll(async () => {
  stores = owned.use(await startStores())
  await freshen()
})
afterAll(() => owned.disposeAsync())

async function freshen(): Promise<void> {
  const samples = fleet.flatMap((each) => [
    state(each.id, true, slot(60)),
    ping(each, slot(), 0.01),
  ])
  await feed(stores.victoriaMetrics, [...samples, evaluated()])
}

/** Milliseconds until an answer is there. */
async function timed(api: RunningApi, path: string): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now()
  const { status } = await api.get(path)
  return { status, ms: performance.now() - startedAt }
}

test(
  "H2 200 clients that don't read hold up nobody, and leave nothing when they go",
  { timeout: 120_000 },
  async () => {
    await using api = await startApi(stores, inventoryOf(...fleet))
    await waitFor(async () => (await api.get('/api/v1/devices')).body.length === DEVICES)
    const { hostname, port } = new URL(api.url)
    const sockets: Socket[] = []
    const ask = async (): Promise<void> => {
      const socket = connect({ host: hostname, port: Number(port) })
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.pause()
      socket.write(`GET /api/v1/devices HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`)
      sockets.push(socket)
    }
    const memory = async (): Promise<number> => {
      globalThis.gc?.()
      return process.memoryUsage.rss()
    }

    await Promise.all(Array.from({ length: CLIENTS }, ask))
    const beside = await Promise.all(
      ['/api/v1/health', '/api/v1/dashboard/stats', '/api/v1/devices?limit=1'].map((path) =>
        timed(api, path),
      ),
    )
    const heldBytes = await memory()
    for (const socket of sockets) socket.destroy()
    const text = async (): Promise<string> => (await api.get('/metrics')).body as string

    expect(beside.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(Math.max(...beside.map(({ ms }) => ms))).toBeLessThan(5_000)
    // Another two hundred, several times: what the first ones took is what these take.
    for (let turn = 0; turn < 5; turn++) {
      sockets.length = 0
      await Promise.all(Array.from({ length: CLIENTS }, ask))
      await timed(api, '/api/v1/devices?limit=1')
      for (const socket of sockets) socket.destroy()
    }
    expect(await memory()).toBeLessThan(heldBytes + 100 * 1024 * 1024)
    expect(await text()).toContain('wardline_event_streams 0\n')
  },
)

test(
  'H2 while VictoriaMetrics holds every answer back, health and what is known are told; what has to ask waits for itself',
  { timeout: 60_000 },
  async () => {
    await using door = await openDoor(new URL(stores.vmUrl))
    const victoriaMetrics = connectVictoriaMetrics(door.url)
    await using api = await startApi(stores, inventoryOf(...fleet), { victoriaMetrics })
    await freshen()
    await waitFor(async () => (await api.get('/api/v1/devices/d1')).body.status === 'up')

    door.shut()
    const histories = Array.from({ length: 8 }, () =>
      api.get('/api/v1/devices/d1/history?range=30d'),
    )
    await waitFor(() => door.held > 0)
    // From what is known, until that is too old; then without it.
    const healths: { status: number; ms: number }[] = []
    await waitFor(async () => {
      healths.push(await timed(api, '/api/v1/health'))
      return healths.at(-1)?.status === 503
    })
    door.open()

    expect(healths[0]?.status).toBe(200)
    // A second is what it waits at most; whoever waited for the view's questions would wait for four.
    expect(Math.max(...healths.map(({ ms }) => ms))).toBeLessThan(3_500)
    for (const { status } of await Promise.all(histories)) expect([200, 503]).toContain(status)
    await waitFor(async () => (await timed(api, '/api/v1/health')).status === 200)
  },
)

/** A door before VictoriaMetrics. While it is shut, questions are held in front of it. */
async function openDoor(target: URL) {
  let passing = Promise.withResolvers<void>()
  passing.resolve()
  let held = 0
  const server = createServer((incoming, outgoing) => {
    held++
    void passing.promise.then(() => {
      held--
      pass(incoming, outgoing)
    })
  })
  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { hostname: host, port } = target
    const { method, url: path, headers } = incoming
    const passed = request({ host, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get held() {
      return held
    },
    shut: () => void (passing = Promise.withResolvers()),
    open: () => passing.resolve(),
    async [Symbol.asyncDispose]() {
      passing.resolve()
      server.closeAllConnections()
      server.close()
    },
  }
}
