import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { runAlerting } from '../../../alerting/main.ts'
import { runCanary } from '../../../collector/canary.ts'
import type { Clock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { createDelivery, memoryBacklog } from '../../../lib/delivery.ts'
import { createLog } from '../../../lib/log.ts'
import { createSampleWriter } from '../../../lib/sample-writer.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from './receiver.ts'

/**
 * Time passes so many times faster, so that a minute of the canary is seconds of the test. No faster than a machine that
 * has other things to do follows: a flip that takes half a minute to come out is lost.
 */
const SPEED = 3
const MINUTE_MS = 60_000 / SPEED

function fastClock(): Clock {
  const from = Date.now()
  const now = (): number => Math.floor(from + (Date.now() - from) * SPEED)
  return {
    now,
    async sleepUntil(at, signal) {
      signal.throwIfAborted()
      const ms = (at - now()) / SPEED
      if (ms > 0) await delay(ms + 1, undefined, { signal })
    },
  }
}

const COUNTS_NOTHING = { stored() {}, dropped() {}, waiting() {} }

/** Alerting as it runs, and what the collector writes of the canary, over a fleet that says nothing. */
async function start(canary: Record<string, string> | false, receivers: unknown[] = []) {
  await using stack = new AsyncDisposableStack()
  const stores = stack.use(await startStores())
  const receiver = stack.use(await startReceiver())
  const stopping = new AbortController()
  const probing = new AbortController()
  const clock = fastClock()
  const log = createLog('silent')
  const listen = `127.0.0.1:${await freePort()}`
  const config = configSchema.parse({
    data_dir: stores.dataDir,
    alerting: { listen, canary: canary === false ? false : { interval: '1m', ...canary } },
    receivers: [{ name: 'ops', webhook: { url: receiver.url } }, ...receivers],
  })
  const writer = createSampleWriter(
    createDelivery({
      victoriaMetrics: stores.victoriaMetrics,
      backlog: memoryBacklog(1e6),
      meter: COUNTS_NOTHING,
      log,
    }),
  )
  stack.use(writer)
  const parts = [
    runAlerting(
      {
        config,
        inventory: inventoryOf(device('router', { enabled: false })),
        victoriaMetrics: stores.victoriaMetrics,
        redis: stores.redis,
        clock,
        log,
        version: '1.2.3',
        mode: 'distributed',
      },
      stopping.signal,
    ),
    runCanary({ intervalMs: 60_000, write: writer.write, clock }, probing.signal),
  ]
  stack.defer(async () => {
    probing.abort(new Error('the test ends'))
    stopping.abort(new Error('the test ends'))
    await Promise.all(parts)
  })
  const url = `http://${listen}`
  await waitFor(async () => (await fetch(`${url}/metrics`)).ok)
  const metric = async (name: string): Promise<number | undefined> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    const line = text.split('\n').find((each) => each.startsWith(`${name} `))
    return line === undefined ? undefined : Number(line.slice(name.length))
  }
  /** Where people would see it: the alerts and groups of both APIs that name the canary. */
  const shown = async (): Promise<string[]> => {
    const paths = ['/api/v1/alerts', '/api/v1/rules', '/api/v2/alerts', '/api/v2/alerts/groups']
    const texts = paths.map(async (path) => (await fetch(`${url}${path}`)).text())
    return (await Promise.all(texts)).filter((text) => text.includes('wardline-canary'))
  }
  const owned = stack.move()
  return {
    stores,
    clock,
    /** But that the test's clock runs away from VictoriaMetrics', which is true. */
    told: () => inShort(receiver.accepted()).filter((line) => !line.includes('ClockSkew')),
    shown,
    firing: () => metric('wardline_alerts{group="availability",state="firing"}'),
    seconds: (change: string) => metric(`wardline_canary_seconds{change="${change}"}`),
    /** The collector's part ends. */
    stopProbing: () => probing.abort(new Error('the collector stops')),
    query: (expr: string) => stores.victoriaMetrics.query(expr, { at: clock.now() }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const within = { timeoutMs: 6 * MINUTE_MS, intervalMs: 100 }

// Each over stores of its own, and most of it is waiting.
process.setMaxListeners(20) // each of these stores ends with this process
describe.concurrent('a canary that flips every minute (D3)', { timeout: 240_000 }, () => {
  test('comes out at the end of the whole way, and nobody else hears or sees of it', async () => {
    await using service = await start({})
    const seen: unknown[] = []
    await waitFor(async () => {
      seen.push(...(await service.shown()))
      if ((await service.firing()) === 1) seen.push('counted as firing')
      return (await service.seconds('up')) !== undefined
    }, within)
    expect(seen).toEqual([])
    expect(await service.seconds('down')).toBeGreaterThan(3)
    expect(await service.seconds('down')).toBeLessThan(30)
    expect(await service.seconds('up')).toBeLessThan(30)
    expect(service.told()).toEqual([])
    await service.stores.victoriaMetrics.flush()
    const series = await service.query(
      'count by (__name__) (last_over_time({device="wardline-canary",__name__!~"wardline_.*"}[1h]))',
    )
    expect(series.map(({ labels }) => labels['__name__'])).toEqual(['ping_up'])
  })

  test('that comes to no sample any more is lost, and told once; it is over when it is back', async () => {
    await using service = await start({})
    await waitFor(async () => (await service.seconds('up')) !== undefined, within)
    service.stopProbing()
    await waitFor(() => service.told().length > 0, within)
    expect(service.told()).toEqual(['firing CanaryLost'])
    const firing = (): Promise<readonly unknown[]> =>
      service.query('ALERTS{alertname="CanaryLost",alertstate="firing"}')
    // It is told at once; what shows of it is on its way.
    await waitFor(async () => {
      await service.stores.victoriaMetrics.flush()
      return (await firing()).length === 1
    }, within)

    const again = new AbortController()
    const write = (samples: Parameters<typeof lines>[0]): void =>
      void service.stores.victoriaMetrics.writeLines(lines(samples)).catch(() => {})
    const probing = runCanary({ intervalMs: 60_000, write, clock: service.clock }, again.signal)
    await waitFor(() => service.told().length > 1, within)
    expect(service.told()).toEqual(['firing CanaryLost', 'resolved CanaryLost'])
    again.abort(new Error('the test ends'))
    await probing
  })

  test('is lost while the receiver that it is sent to takes nothing', async () => {
    await using broken = await startReceiver()
    broken.behave(500)
    await using service = await start({ receiver: 'broken' }, [
      { name: 'broken', webhook: { url: broken.url } },
    ])
    await waitFor(() => service.told().includes('firing CanaryLost'), within)
    broken.behave(200)
    await waitFor(() => service.told().includes('resolved CanaryLost'), within)
    expect(inShort(broken.accepted())).toContain('firing Canary wardline-canary')
    expect(service.told().filter((line) => line.includes('wardline-canary'))).toEqual([])
  })

  test('is lost while nothing is evaluated: VictoriaMetrics stands still', async () => {
    await using service = await start({})
    await waitFor(async () => (await service.seconds('up')) !== undefined, within)
    const { victoriaMetrics: pid } = service.stores.pids()
    process.kill(pid ?? Number.NaN, 'SIGSTOP')
    try {
      await waitFor(() => service.told().includes('firing CanaryLost'), within)
    } finally {
      process.kill(pid ?? Number.NaN, 'SIGCONT')
    }
  })

  test('is told to nobody where it is switched off', async () => {
    await using service = await start(false)
    await delay(2 * MINUTE_MS)
    expect(service.told()).toEqual([])
    expect(await service.seconds('down')).toBeUndefined()
  })
})

const lines = (
  samples: readonly { fields: Readonly<Record<string, number>>; at: number }[],
): string =>
  samples.map(({ fields, at }) => `ping,device=wardline-canary up=${fields['up']} ${at}`).join('\n')
