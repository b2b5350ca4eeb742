import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../api/auth/principal.ts'
import { connectCollector } from '../../../api/diagnostics/collector.ts'
import { createLimits } from '../../../api/auth/limits.ts'
import { createEndpoints } from '../../../api/endpoint.ts'
import { answerError } from '../../../api/problem.ts'
import { diagnosticRoutes } from '../../../api/routes/diagnostics.ts'
import { collectorOf } from '../../../collector/main.ts'
import { offsetOf } from '../../../collector/plan.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { type AuditEntry, appendAudit } from '../../../lib/auth/audit.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { type DiagnosticEvent, diagnosticEventSchema } from '../../../lib/diagnostics.ts'
import { createLog } from '../../../lib/log.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type Snmpd, startSnmpd } from '../snmp/snmpd.ts'
import { ping, slot, state } from '../api/stand.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'

const HOUR = 3_600_000
// Monitoring has its turn at them once an hour: what is written meanwhile was written by hand.
const seldom = { intervalMs: HOUR, count: 2, timeoutMs: 500, confirm: 3 }
const snmp = {
  modules: ['system'],
  credentials: ['office'],
  port: 0,
  intervalMs: 86_400_000,
  timeoutMs: 5_000,
}

/** An id whose turn to be asked, or told of, doesn't come while the tests run. */
function quietId(word: string): string {
  const second = Date.now() / 1000
  const isFar = (id: string, every: number): boolean =>
    (offsetOf(id, every) - (second % every) + every) % every > 120
  for (let turn = 0; ; turn++) {
    const id = `${word}-${turn}`
    if ([300, 3_600, 86_400].every((every) => isFar(id, every))) return id
  }
}
const ON = quietId('on')
const OFF = quietId('off')

let stores: Stores
let snmpd: Snmpd
let collectorUrl: string
let ending: AbortController
let running: Promise<void>

const on = () =>
  device(ON, { address: '127.0.0.1', ping: seldom, snmp: { ...snmp, port: snmpd.port } })
const off = () =>
  device(OFF, { ...on(), id: OFF, enabled: false, branch: 'Gori', region: 'Kartli' })
const silent = device('silent', { address: '192.0.2.1', ping: seldom, region: 'Kartli' })
const inventory = () => inventoryOf(on(), off(), silent)

const operator: Principal = { name: 'olga', kind: 'user', role: 'operator', scope: null }
/** Who has asked for nothing yet: how often each may is counted. */
let people = 0
const somebody = (): Principal => ({ ...operator, name: `somebody ${++people}` })

beforeAll(async () => {
  stores = await startStores()
  snmpd = await startSnmpd({ port: 10_161 })
  const listen = `127.0.0.1:${await freePort()}`
  collectorUrl = `http://${listen}`
  ending = new AbortController()
  const config = configSchema.parse({
    data_dir: stores.dataDir,
    collector: { listen, name: 'lab', canaries: [] },
    alerting: { canary: false },
    credentials: { office: { version: '2c', community: 'public' } },
  })
  const log = createLog('silent')
  running = collectorOf(BUILT_IN_MODULES)(
    {
      config,
      inventory: inventory(),
      victoriaMetrics: stores.victoriaMetrics,
      redis: stores.redis,
      log,
      clock: systemClock,
      version: '0.0.0-test',
      mode: 'distributed',
    },
    ending.signal,
  )
  await waitFor(async () => (await fetch(`${collectorUrl}/health`)).ok, { what: 'the collector' })
})
afterAll(async () => {
  ending?.abort()
  await running?.catch(() => {})
  await snmpd?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

/** The routes over the real collector, for somebody who signed in. */
function apiFor(principal: Principal, url = collectorUrl) {
  const client = connectCollector(url)
  const log = createLog('silent')
  const parts = {
    inventory: inventory(),
    diagnostics: {
      diagnose: client.diagnose,
      record: (entry: AuditEntry) => appendAudit(stores.redis, entry),
    },
    auth: { limits: createLimits(stores.redis) },
    clock: systemClock,
    log,
  }
  const app = createEndpoints()
  app.use(async (c, next) => {
    c.set('principal', principal)
    await next()
  })
  app.route('/api/v1', diagnosticRoutes(parts))
  app.onError((error, c) => answerError(error, c, log))
  const ask = (id: string, kind: string, signal?: AbortSignal) =>
    app.request(`/api/v1/devices/${id}/diagnostics/${kind}`, {
      method: 'POST',
      ...(signal === undefined ? {} : { signal }),
    })
  return { app, ask, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}

async function eventsOf(response: Response): Promise<DiagnosticEvent[]> {
  expect(response.status).toBe(200)
  const lines = (await response.text()).trimEnd().split('\n')
  return lines.map((line) => diagnosticEventSchema.parse(JSON.parse(line)))
}

const linesOf = (events: readonly DiagnosticEvent[]): string[] =>
  events.flatMap((event) => ('line' in event ? [event.line] : []))

/** All that is stored about the two. */
async function stored(): Promise<string[]> {
  await stores.victoriaMetrics.flush()
  const match = encodeURIComponent(`{device=~"${ON}|${OFF}"}`)
  const start = Math.floor((Date.now() - HOUR) / 1000)
  const reply = await fetch(`${stores.vmUrl}/api/v1/export?match[]=${match}&start=${start}`)
  return (await reply.text()).split('\n').toSorted()
}

describe('H7: a device is probed by hand', () => {
  test('with ten echoes, each told when it is answered', async () => {
    await using api = apiFor(somebody())
    const response = await api.ask(ON, 'ping')
    const arrivals: number[] = []
    const decoder = new TextDecoder()
    let text = ''
    for await (const part of response.body ?? []) {
      arrivals.push(performance.now())
      text += decoder.decode(part as Uint8Array)
    }
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as DiagnosticEvent)

    expect(linesOf(events).filter((line) => /^\d+: [\d.]+ ms$/.test(line))).toHaveLength(10)
    expect(events.at(-1)).toMatchObject({
      done: true,
      ok: true,
      summary: expect.stringMatching(/answered 10 of 10 echoes \(0 % lost\)/),
    })
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(2_000)
  })

  test('that is silent, and is told to be so', async () => {
    await using api = apiFor(somebody())
    const events = await eventsOf(await api.ask('silent', 'ping'))

    expect(events.at(-1)).toMatchObject({ done: true, ok: false })
  })

  test('by the way to it', async () => {
    await using api = apiFor(somebody())
    const events = await eventsOf(await api.ask(ON, 'traceroute'))

    expect(linesOf(events).at(-1)).toMatch(/^ 1 {2}127\.0\.0\.1 {2}[\d.]+ ms/)
    expect(events.at(-1)).toMatchObject({ ok: true, summary: '127.0.0.1 is 1 hop away' })
  })

  test('by SNMP, with what would be stored, and of its credentials the name alone', async () => {
    await using api = apiFor(somebody())
    const events = await eventsOf(await api.ask(ON, 'snmp'))
    const text = JSON.stringify(events)

    expect(linesOf(events).some((line) => /^sysUpTime \d+$/.test(line))).toBe(true)
    expect(events.at(-1)).toMatchObject({
      ok: true,
      summary: expect.stringMatching(/values would be stored; .* answered with office/),
    })
    expect(text).not.toContain('public')
  })

  test('and its history stays as it was: of one that is monitored, and of one that is switched off', async () => {
    await waitFor(
      async () => (await stored()).filter((line) => line.includes('device_info')).length === 2,
      {
        what: 'what the collector writes at its start',
      },
    )
    const of = on()
    const samples = [60, 50, 40].map((seconds) => ping(of, slot(seconds), 0.002))
    await stores.victoriaMetrics.writeLines(
      [...samples, state(ON, true, slot(600), slot(40))].map(encodeLine).join('\n'),
    )
    const before = await stored()
    await using api = apiFor(operator)
    for (const [id, kind] of [
      [ON, 'ping'],
      [OFF, 'ping'],
      [ON, 'snmp'],
      [OFF, 'snmp'],
      [OFF, 'traceroute'],
    ] as const) {
      const events = await eventsOf(await api.ask(id, kind))
      expect(events.at(-1)).toMatchObject({ done: true, ok: true })
    }
    // Whatever the collector had to write by then is written.
    const written = `count_over_time(wardline_collector_targets[${20}s])`
    await waitFor(async () => (await stores.victoriaMetrics.query(written)).length > 0, {
      timeoutMs: 30_000,
      what: "the collector's own figures",
    })

    expect(await stored()).toEqual(before)
    expect(before.some((line) => line.includes('ping_up'))).toBe(true)
  })

  test('and the log of all that people do says by whom', async () => {
    const entries = await stores.redis.xrange('wardline:audit', '-', '+')
    const fields = entries.map(([, values]) => values)

    expect(fields).toContainEqual(
      expect.arrayContaining(['who', 'olga', 'what', 'diagnostics ping', 'id', OFF]),
    )
  })
})

describe('H7: a probe by hand is refused', () => {
  test.each([
    ['of an address', '198.18.0.1', 404],
    ['of a device that there is not', 'nobody', 404],
  ])('%s', async (_, id, status) => {
    await using api = apiFor(somebody())

    expect((await api.ask(id, 'ping')).status).toBe(status)
  })

  test('of another kind', async () => {
    await using api = apiFor(somebody())

    expect((await api.ask(ON, 'nmap')).status).toBe(400)
  })

  test('of a device outside of the scope, as if it were not there', async () => {
    const scope = { regions: ['Tbilisi'], branches: [] }
    await using api = apiFor({ ...somebody(), scope })
    const response = await api.ask(OFF, 'ping')

    expect(response.status).toBe(404)
    expect(await response.text()).toContain(`no device \\"${OFF}\\"`)
  })

  test('to those who may only look', async () => {
    await using viewer = apiFor({ ...operator, role: 'viewer' })
    await using anybody = apiFor({ name: 'anybody', kind: 'open', role: 'viewer', scope: null })

    expect((await viewer.ask(ON, 'ping')).status).toBe(403)
    expect((await anybody.ask(ON, 'ping')).status).toBe(401)
  })

  test('after six in a minute, with the time to wait', async () => {
    await using api = apiFor(somebody())
    for (let turn = 0; turn < 6; turn++) await eventsOf(await api.ask(ON, 'traceroute'))
    const refused = await api.ask(ON, 'traceroute')

    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({
      detail: expect.stringMatching(/^more than 6 diagnostics in 60 s: try again in/),
      retry_after_seconds: expect.any(Number),
    })
  })

  test('while the collector is away: a 502 that says so', async () => {
    await using api = apiFor(somebody(), `http://127.0.0.1:${await freePort()}`)
    const response = await api.ask(ON, 'ping')

    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/can't reach the collector/),
    })
  })

  test('by the collector itself where it names no device, or a page of elsewhere sends it', async () => {
    const ask = (path: string, type: string) =>
      fetch(`${collectorUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      })

    expect((await ask('/diagnostics/ping/127.0.0.1', 'application/json')).status).toBe(404)
    expect((await ask(`/diagnostics/ping/${ON}`, 'text/plain')).status).toBe(415)
  })
})

test('H7: a client that leaves ends the probe, and makes room for another', async () => {
  await using api = apiFor(somebody())
  const port = await freePort()
  const server = serve({ fetch: api.app.fetch, hostname: '127.0.0.1', port })
  const leaving = new AbortController()
  const ask = (signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}/api/v1/devices/silent/diagnostics/ping`, {
      method: 'POST',
      ...(signal === undefined ? {} : { signal }),
    })
  try {
    const four = await Promise.all([1, 2, 3, 4].map(() => ask(leaving.signal)))
    const fifth = await ask()
    expect([...four, fifth].map(({ status }) => status)).toEqual([200, 200, 200, 200, 429])
    const leftAt = performance.now()
    leaving.abort()
    const next = await waitFor(
      async () => {
        const response = await ask()
        return response.status === 200 ? response : null
      },
      { what: 'room for another' },
    )

    // By itself the first would have ended after five seconds.
    expect(performance.now() - leftAt).toBeLessThan(3_000)
    expect((await eventsOf(next)).at(-1)).toMatchObject({ done: true, ok: false })
  } finally {
    server.close()
  }
})
