import { type IncomingMessage, createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { STALE, encodeWriteRequest } from '../../../lib/remote-write.ts'
import {
  type VictoriaMetrics,
  VictoriaMetricsError,
  connectVictoriaMetrics,
} from '../../../lib/victoriametrics.ts'
import { fakeVictoriaMetrics } from '../../fakes/victoria-metrics.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores[Symbol.asyncDispose]())

const failure = async (promise: Promise<unknown>): Promise<VictoriaMetricsError> =>
  promise.then(
    () => expect.unreachable('it was done'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(VictoriaMetricsError)
      return error as VictoriaMetricsError
    },
  )

// The fake of the tests of delivery answers its writers as the real one does.
const SERVERS: readonly [string, () => Promise<AsyncDisposable & { readonly url: string }>][] = [
  ['VictoriaMetrics', async () => ({ url: stores.vmUrl, [Symbol.asyncDispose]: async () => {} })],
  ['the fake VictoriaMetrics of the tests', fakeVictoriaMetrics],
]
describe.each(SERVERS)('%s', (_, start) => {
  test('takes lines and remote writes, and says when it started', async () => {
    await using server = await start()
    await using client = connectVictoriaMetrics(server.url)
    expect(await client.healthy()).toBe(true)
    await client.writeLines(`contract,device=a up=1 ${Date.now()}\n`)
    await client.remoteWrite(
      encodeWriteRequest([{ labels: { __name__: 'contract' }, value: STALE, at: Date.now() }]),
    )
    const startedAt = await client.startedAt()
    expect(startedAt).toBeGreaterThan(1_700_000_000)
    expect(await client.startedAt()).toBe(startedAt)
    expect(await client.flush()).toBe(true)
  })

  test('refuses a path that it does not have: a mistake in the configuration, which may be mended', async () => {
    await using server = await start()
    await using client = connectVictoriaMetrics(`${server.url}/no/such/prefix`)
    expect(await failure(client.writeLines('x up=1'))).toMatchObject({
      reason: 'misconfigured',
      retryable: true,
    })
  })
})

describe('a query', () => {
  const at = Math.floor(Date.now() / 1000) * 1000 - 60_000
  beforeAll(async () => {
    const lines = [0, 1, 2, 3].map((n) => `q,device=a,branch=ვაკე up=${n} ${at + n * 1_000}`)
    await stores.victoriaMetrics.writeLines(lines.join('\n'))
    await stores.victoriaMetrics.flush()
  })

  test('of an instant sees what was true then, with the millisecond asked for', async () => {
    const rows = await stores.victoriaMetrics.query('last_over_time(q_up[1m])', { at: at + 1_500 })
    expect(rows).toEqual([
      { labels: { __name__: 'q_up', device: 'a', branch: 'ვაკე' }, value: 1, at: at + 1_500 },
    ])
  })

  test('of now sees the newest samples, not those of 30 s ago', async () => {
    const now = Date.now()
    await stores.victoriaMetrics.writeLines(`fresh,device=a up=1 ${now}`)
    await stores.victoriaMetrics.flush()
    const rows = await stores.victoriaMetrics.query('last_over_time(fresh_up[1m])')
    expect(rows.map(({ value }) => value)).toEqual([1])
  })

  test('of a range gives points in milliseconds', async () => {
    const [series] = await stores.victoriaMetrics.queryRange('last_over_time(q_up[1s])', {
      start: at,
      end: at + 3_000,
      stepMs: 1_000,
    })
    expect(series?.points).toEqual([0, 1, 2, 3].map((n) => [at + n * 1_000, n]))
  })

  test('of raw samples gives rows without a header', async () => {
    const csv = await stores.victoriaMetrics.exportCsv(
      'q_up',
      ['device', '__value__', '__timestamp__:unix_ms'],
      { start: at + 1_000, end: at + 2_000 },
    )
    expect(csv.trim().split('\n')).toEqual([`a,1,${at + 1_000}`, `a,2,${at + 2_000}`])
  })

  test('of nothing is empty', async () => {
    expect(await stores.victoriaMetrics.query('no_such_series')).toEqual([])
  })
})

describe('a failure says whether the same request may succeed later', () => {
  test('a query that is wrong never will', async () => {
    const error = await failure(stores.victoriaMetrics.query('sum('))
    expect(error).toMatchObject({ reason: 'rejected', retryable: false })
    expect(error.message).toMatch(/answered 422 to \/api\/v1\/query: .*sum\(/)
  })

  test('a query that gives no vector never will', async () => {
    const error = await failure(stores.victoriaMetrics.query('no_such_series[1m]'))
    expect(error).toMatchObject({ reason: 'rejected', retryable: false })
    expect(error.message).toContain('expected a vector, got a matrix of no_such_series[1m]')
  })

  test('what is not VictoriaMetrics may be replaced by it', async () => {
    await using server = await answering(200)
    const error = await failure(server.client.query('up'))
    expect(error).toMatchObject({ reason: 'unreachable', retryable: true })
  })

  test('a server that is away may come back', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    await using client = connectVictoriaMetrics(url)
    const error = await failure(client.query('up'))
    expect(error).toMatchObject({ reason: 'unreachable', retryable: true })
    expect(error.message).toContain(`can't reach VictoriaMetrics at ${url}: `)
    expect(await client.healthy()).toBe(false)
  })

  test.each([
    [429, 'overloaded', true],
    [500, 'overloaded', true],
    [503, 'overloaded', true],
    [400, 'rejected', false],
    [413, 'rejected', false],
    [422, 'rejected', false],
    [301, 'misconfigured', true],
    [401, 'misconfigured', true],
    [403, 'misconfigured', true],
    [404, 'misconfigured', true],
    [405, 'misconfigured', true],
    [407, 'misconfigured', true],
    [408, 'misconfigured', true],
  ])('%i is %s', async (status, reason, retryable) => {
    await using server = await answering(status)
    expect(await failure(server.client.writeLines('x up=1'))).toMatchObject({ reason, retryable })
  })

  test.each([401, 404])('after a %i the message says what to check', async (status) => {
    await using server = await answering(status)
    const error = await failure(server.client.writeLines('x up=1'))
    expect(error.message).toContain('check victoriametrics.url and its credentials')
    expect(error.message).toContain(`${server.url} answered ${status} to /write`)
  })

  test('a server that does not answer in time may later', async () => {
    await using server = await answering(null)
    const error = await failure(server.client.query('up', { timeoutMs: 200 }))
    expect(error).toMatchObject({ reason: 'timeout', retryable: true })
    expect(await server.client.healthy(200)).toBe(false)
  })

  test("an abort is no failure of the server: the signal's reason comes back", async () => {
    await using server = await answering(null)
    const stop = new AbortController()
    const reason = new Error('enough')
    const asking = server.client.query('up', { signal: stop.signal })
    const flushing = server.client.flush(stop.signal)
    stop.abort(reason)
    await expect(asking).rejects.toBe(reason)
    await expect(flushing).rejects.toBe(reason)
  })

  test('where flushing is not offered, as in a cluster, that is an answer', async () => {
    await using server = await answering(400)
    expect(await server.client.flush()).toBe(false)
  })
})

test('a URL may have a path, as that of a cluster has', async () => {
  const paths: string[] = []
  await using server = await answering(204, ({ url }) => paths.push(url ?? ''))
  await using client = connectVictoriaMetrics(`${server.url}/insert/0/influx/`)
  await client.writeLines('x up=1')
  expect(paths).toEqual(['/insert/0/influx/write?precision=ms'])
})

test('a user name and password in the URL are sent as a header, and shown nowhere', async () => {
  const sent: (string | undefined)[] = []
  await using server = await answering(401, ({ headers }) => sent.push(headers.authorization))
  const address = server.url.replace('http://', 'http://ann:hunter2@')
  await using client = connectVictoriaMetrics(address)
  const refused = await failure(client.query('up'))
  await using away = connectVictoriaMetrics(`http://ann:hunter2@127.0.0.1:${await freePort()}`)
  const unreached = await failure(away.query('up'))
  await using silent = await answering(null)
  await using slow = connectVictoriaMetrics(silent.url.replace('http://', 'http://ann:hunter2@'))
  const late = await failure(slow.query('up', { timeoutMs: 100 }))

  expect(sent).toEqual([`Basic ${Buffer.from('ann:hunter2').toString('base64')}`])
  const shown = [client.url, away.url, ...[refused, unreached, late].map(({ message }) => message)]
  expect(shown.join('\n')).not.toMatch(/hunter2|ann:|ann@/)
  expect([refused, unreached, late].map(({ reason }) => reason)).toEqual([
    'misconfigured',
    'unreachable',
    'timeout',
  ])
})

/** A server that answers everything with one status; with null, not at all. */
async function answering(
  status: number | null,
  seen: (request: IncomingMessage) => void = () => {},
): Promise<AsyncDisposable & { url: string; client: VictoriaMetrics }> {
  const server = createServer((request, response) => {
    seen(request)
    request.resume()
    if (status !== null) response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = connectVictoriaMetrics(url)
  return {
    url,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
