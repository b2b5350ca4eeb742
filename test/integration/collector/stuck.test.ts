import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectorOf } from '../../../collector/main.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { type Clock, systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { createLog } from '../../../lib/log.ts'
import { connectRedis } from '../../../lib/redis.ts'
import { connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { fakeVictoriaMetrics } from '../../fakes/victoria-metrics.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/** Real time, but for the minute that a test lets pass. */
function clockAhead(): Clock & { aheadMs: number } {
  return {
    aheadMs: 0,
    now() {
      return systemClock.now() + this.aheadMs
    },
    sleepUntil(at, signal) {
      return systemClock.sleepUntil(at - this.aheadMs, signal)
    },
  }
}

test('a URL that is not VictoriaMetrics: health is 503 after a minute, and nothing is lost once it is mended', async () => {
  await using vm = await fakeVictoriaMetrics()
  let mended = false
  vm.answer = () => (mended ? 204 : 404)
  await using victoriaMetrics = connectVictoriaMetrics(vm.url)
  const log = createLog('silent')
  const redis = connectRedis(`redis://127.0.0.1:${await freePort()}`, log)
  const clock = clockAhead()
  const dataDir = await mkdtemp(join(tmpdir(), 'wardline-stuck-'))
  const listen = `127.0.0.1:${await freePort()}`
  const ping = { intervalMs: 1_000, count: 1, timeoutMs: 300, confirm: 3 }
  const stop = new AbortController()
  const running = collectorOf(BUILT_IN_MODULES)(
    {
      config: configSchema.parse({ data_dir: dataDir, collector: { listen } }),
      inventory: inventoryOf(device('a', { address: '198.18.0.1', ping })),
      victoriaMetrics,
      redis,
      log,
      clock,
      version: '1.2.3',
      mode: 'distributed',
    },
    stop.signal,
  )
  await using _ = {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      redis.disconnect()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  const health = async () => {
    const response = await fetch(`http://${listen}/health`)
    return { code: response.status, body: (await response.json()) as { reasons?: string[] } }
  }

  await waitFor(() => vm.count('/write') > 1, { what: 'writes that are refused' })
  expect((await health()).code).toBe(200)
  clock.aheadMs = 61_000
  const stuck = await waitFor(
    async () => {
      const now = await health()
      return now.body.reasons?.length === 1 && now
    },
    { what: 'one reason' },
  )
  expect(stuck).toMatchObject({
    code: 503,
    body: { reasons: [expect.stringContaining('check victoriametrics.url')] },
  })

  mended = true
  await waitFor(async () => (await health()).code === 200, { timeoutMs: 10_000, what: 'health' })
  // What waited is stored after what is live.
  await waitFor(() => vm.stored.some(({ body }) => body.includes('device=a')), {
    what: 'samples of the device',
  })
  const metrics = await (await fetch(`http://${listen}/metrics`)).text()
  expect(metrics).not.toMatch(/wardline_samples_dropped_total\{[^}]*\} [1-9]/)
})
