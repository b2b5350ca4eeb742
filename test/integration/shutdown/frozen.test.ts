import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type RequestListener, createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { startWardline } from '../../wardline-process.ts'

const SECOND_MS = 1_000

/** Takes requests, and never answers one. */
async function listenForEver(port: number): Promise<AsyncDisposable & { readonly asked: number }> {
  let asked = 0
  const never: RequestListener = () => void asked++
  const server = createServer(never).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    get asked() {
      return asked
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

test('G3: SIGTERM while VictoriaMetrics, Redis and a receiver stand still: all has ended in under 10 s, and nothing is lost', async () => {
  await using stores = await startStores()
  const [collector, alerting, api, hook] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  await using receiver = await listenForEver(hook)
  const config = join(dirname(stores.dataDir), 'wardline.yaml')
  await writeFile(
    config,
    `data_dir: ${stores.dataDir}
victoriametrics: { url: '${stores.vmUrl}' }
redis: { url: '${stores.redisUrl}' }
defaults: { ping: { interval: 1s, count: 1, timeout: 200ms, confirm: 2 } }
inventory:
  devices:
    - { id: up, address: 198.18.0.1 }
    - { id: down, address: 203.0.113.9 }
collector: { name: hq, listen: '127.0.0.1:${collector}', canaries: ['127.0.0.1'] }
alerting: { listen: '127.0.0.1:${alerting}', canary: false }
api: { listen: '127.0.0.1:${api}' }
receivers:
  - { name: hook, webhook: { url: 'http://127.0.0.1:${hook}/', timeout: 60s } }
`,
  )
  const settings = { env: { WARDLINE_CONFIG: config } }
  const spooled = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${collector}/metrics`)
    const [, value] = /^wardline_spool_samples (\S+)$/m.exec(await answer.text()) ?? []
    return Number(value)
  }

  let endedAt = 0
  {
    await using first = startWardline(['run', 'collector', 'alerting', 'api'], settings)
    await waitFor(() => receiver.asked > 0, { timeoutMs: 45_000, what: 'a message under way' })
    const { victoriaMetrics, redis } = stores.pids()
    const pids = [victoriaMetrics, redis].filter((pid) => pid !== null)
    using _thawed = {
      [Symbol.dispose]: () => pids.forEach((pid) => process.kill(pid, 'SIGCONT')),
    }
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await waitFor(async () => (await spooled()) > 0, { timeoutMs: 45_000, what: 'a spool' })
    endedAt = Date.now()
    first.kill('SIGTERM')
    expect(await first.exited, first.output().slice(-2_000)).toBe(0)
    expect(Date.now() - endedAt).toBeLessThan(10_000)
  }

  await using _second = startWardline(['run', 'collector'], settings)
  const stampsOf = async (device: string): Promise<readonly number[]> => {
    await stores.victoriaMetrics.flush()
    const range = { start: endedAt - 300_000, end: Date.now() + 60_000 }
    let stamps: number[] = []
    await stores.victoriaMetrics.exportSeries(`ping_up{device="${device}"}`, range, (series) => {
      stamps = Array.from({ length: series.count }, (_, i) => series.stampAt(i))
    })
    return stamps
  }
  await waitFor(async () => ((await stampsOf('up')).at(-1) ?? 0) > endedAt + SECOND_MS, {
    timeoutMs: 45_000,
    what: 'live samples',
  })
  await waitFor(async () => (await spooled()) === 0, { timeoutMs: 45_000, what: 'no spool' })
  for (const device of ['up', 'down']) {
    const before = (await stampsOf(device)).filter((at) => at <= endedAt - 2 * SECOND_MS)
    const gaps = before.slice(1).filter((at, i) => at - (before[i] ?? at) > SECOND_MS)
    expect(gaps, device).toEqual([])
    expect(before.at(-1), device).toBeGreaterThan(endedAt - 4 * SECOND_MS)
  }
}, 180_000)
