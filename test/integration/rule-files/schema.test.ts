import { expect, test } from 'vitest'
import { OWN_METRICS } from '../../../alerting/schema/own.ts'
import { collectorOf } from '../../../collector/main.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { openNetwork } from '../../../lab/network.ts'
import { systemClock } from '../../../lib/clock.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { createLog } from '../../../lib/log.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const ping = { intervalMs: 1_000, count: 1, timeoutMs: 300, confirm: 3 }

test('what a collector writes has the names and labels that typed rules know', async () => {
  await using _network = await openNetwork()
  await using stores = await startStores()
  const { victoriaMetrics, redis } = stores
  const listen = `127.0.0.1:${await freePort()}`
  const stop = new AbortController()
  const running = collectorOf(BUILT_IN_MODULES)(
    {
      config: configSchema.parse({
        data_dir: stores.dataDir,
        collector: { listen, name: 'lab' },
      }),
      inventory: inventoryOf(device('core', { address: '198.18.41.1', ping, role: 'isp' })),
      victoriaMetrics,
      redis,
      log: createLog('silent'),
      clock: systemClock,
      version: '1.2.3',
      mode: 'distributed',
    },
    stop.signal,
  )
  const rows = await waitFor(
    async () => {
      await victoriaMetrics.flush()
      const found = await victoriaMetrics.query(
        'last_over_time({__name__=~"(ping|device|snmp|wardline)_.+"}[1m])',
      )
      const names = new Set(found.map(({ labels }) => labels['__name__']))
      const isWhole = ['ping_rtt_seconds', 'device_info', 'wardline_build_info'].every((name) =>
        names.has(name),
      )
      return isWhole ? found : null
    },
    { what: 'samples of every kind', timeoutMs: 30_000 },
  )
  stop.abort()
  await running
  const known: Readonly<Record<string, readonly string[]>> = OWN_METRICS
  const strangers = rows.flatMap(({ labels: { __name__: name = '', ...labels } }) =>
    Object.keys(labels).flatMap((label) =>
      known[name]?.includes(label) === true ? [] : [`${name}{${label}}`],
    ),
  )
  expect(strangers).toEqual([])
})
