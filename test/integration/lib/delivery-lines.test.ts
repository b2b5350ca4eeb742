import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type Server, createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { forward } from '../../../lab/forward.ts'
import { withSystemPath } from '../../../lab/namespace.ts'
import { type Delivery, createDelivery, memoryBacklog } from '../../../lib/delivery.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { recordLog } from '../../fakes/log.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { exported } from './exported.ts'

let stores: Stores
beforeEach(async () => void (stores = await startStores()))
afterEach(() => stores[Symbol.asyncDispose]())

type Sender = AsyncDisposable & {
  readonly delivery: Delivery
  /** The number of the sample, its value. */
  send(): number
  readonly sent: number
}

function sender(client: VictoriaMetrics): Sender {
  let sent = 0
  const delivery = createDelivery({
    victoriaMetrics: client,
    backlog: memoryBacklog(10_000_000),
    meter: { stored() {}, dropped() {}, waiting() {} },
    log: recordLog().log,
  })
  return {
    delivery,
    send() {
      const from = FIRST_AT + sent * 1_000
      const body = Buffer.from(`ping,device=a up=${sent} ${from}\n`)
      delivery.send({ kind: 'lines', body, samples: 1, from })
      return sent++
    },
    get sent() {
      return sent
    },
    [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
  }
}

// Stamps a second apart in the past: one can't stand for another.
const FIRST_AT = Math.floor(Date.now() / 1000) * 1000 - 3_600_000

/** Each sample once, with its own value and stamp. */
async function expectAll({ sent }: Sender): Promise<void> {
  const due = Array.from({ length: sent }, (_, n) => [FIRST_AT + n * 1_000, n])
  expect(await points()).toEqual(due)
}

async function points(): Promise<readonly (readonly [number, number | null])[]> {
  await stores.victoriaMetrics.flush()
  const [series] = await exported(stores.vmUrl, 'ping_up')
  return series?.points ?? []
}

/** As vmauth: `/metrics` is its own, whoever is behind it; who isn't there is a 502. */
async function proxy(to: string): Promise<AsyncDisposable & { readonly url: string }> {
  const own = [
    'vm_app_version{version="vmauth-20260101-000000-tags-v1.145.0", short_version="v1.145.0"} 1',
    'vm_app_start_timestamp 1767225600',
    'vmauth_user_requests_total{username="lab"} 17\n',
  ].join('\n')
  const server: Server = createServer((request, response) => {
    if (request.url === '/metrics') return void response.end(own)
    const { method = 'GET', headers } = request
    const passed = ask(new URL(request.url ?? '/', to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    passed.on('error', () => response.headersSent || response.writeHead(502).end('no backend'))
    request.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

describe('behind a proxy that speaks for itself, as vmauth does', () => {
  test('the start that it tells of is not taken for that of VictoriaMetrics', async () => {
    await using front = await proxy(stores.vmUrl)
    await using client = connectVictoriaMetrics(front.url)
    expect(await client.startedAt()).toBeNaN()
    expect(await stores.victoriaMetrics.startedAt()).toBeGreaterThan(1_700_000_000)
  })

  test('VictoriaMetrics killed with -9 loses nothing that it had acknowledged (F7, B2)', async () => {
    await using front = await proxy(stores.vmUrl)
    await using client = connectVictoriaMetrics(front.url)
    await using samples = sender(client)
    for (let n = 0; n < 20; n++) samples.send()
    expect(await samples.delivery.settled(10_000)).toBe(true)
    const { victoriaMetrics: pid } = stores.pids()
    process.kill(pid ?? Number.NaN, 'SIGKILL')
    // Something is sent while it is away: that is how it is seen.
    samples.send()
    await waitFor(() => stores.victoriaMetrics.healthy(), { what: 'VictoriaMetrics' })
    samples.send()
    expect(await samples.delivery.settled(20_000)).toBe(true)
    await expectAll(samples)
  }, 60_000)
})

describe('a line that loses packets without a word', () => {
  const LIVE_MS = 5_000
  const CUT_MS = 8_000

  // Without connection tracking, what a router forgets is a connection whose packets go nowhere from then on.
  test.each([
    ['and has forgotten its connections afterwards', true],
    ['and lets those pass afterwards that were sent again', false],
  ])(
    '%s: what is live is stored within 5 s of its end',
    async (_, forgets) => {
      const port = await freePort()
      const to = { host: '127.0.0.1', port: Number(new URL(stores.vmUrl).port) }
      await using _way = await forward({ host: '127.0.0.1', port }, to)
      await using client = connectVictoriaMetrics(`http://127.0.0.1:${port}`)
      await using samples = sender(client)
      // Several connections, as an idle process leaves them.
      await Promise.all(Array.from({ length: 6 }, () => client.healthy()))
      samples.send()
      expect(await samples.delivery.settled(10_000)).toBe(true)
      const line = await cutLine(port)
      const timer = setInterval(samples.send, 500)
      try {
        // What is sent again by itself, ever more rarely, is so after 7 s, and after 13.5 s next.
        await delay(CUT_MS)
        await line.mend(forgets)
        const mendedAt = performance.now()
        const live = samples.send()
        const isStored = async () => (await points()).some(([, value]) => value === live)
        await waitFor(isStored, { what: 'what is live' })
        expect(performance.now() - mendedAt).toBeLessThan(LIVE_MS)
      } finally {
        clearInterval(timer)
        await nft('delete table inet line')
      }
      expect(await samples.delivery.settled(20_000)).toBe(true)
      await expectAll(samples)
    },
    60_000,
  )
})

/** Neither end hears of the other from now on; the ports of the connections that there are stay known. */
async function cutLine(port: number): Promise<{ mend(forgets: boolean): Promise<void> }> {
  await nft(`
    table inet line {
      set cut { type inet_service; elements = { ${port} } }
      set mute { type inet_service . inet_service; }
      chain in {
        type filter hook input priority -10; policy accept;
        tcp dport @cut drop
        tcp sport @cut drop
        tcp dport . tcp sport @mute drop
        tcp sport . tcp dport @mute drop
      }
    }`)
  const { stdout } = await promisify(execFile)(
    'ss',
    ['-Htn', 'state', 'established', 'dport', '=', `:${port}`],
    { env: withSystemPath() },
  )
  const clients = [...stdout.matchAll(/:(\d+)\s+\S+:\d+\s*$/gm)].map(([, client]) => client)
  expect(clients.length).toBeGreaterThan(1)
  return {
    async mend(forgets) {
      const mute = clients.map((client) => `${port} . ${client}`).join(', ')
      if (forgets) await nft(`add element inet line mute { ${mute} }`)
      await nft(`delete element inet line cut { ${port} }`)
    },
  }
}

async function nft(script: string): Promise<void> {
  const run = promisify(execFile)('nft', ['-f', '-'], { env: withSystemPath() })
  run.child.stdin?.end(`${script}\n`)
  await run
}
