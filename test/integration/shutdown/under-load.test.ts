import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { startWardline } from '../../wardline-process.ts'

const DEVICES = 2_000
const ADDED = 100
const INTERVAL_MS = 5_000
/** A slot begins on a whole second, and its samples are stamped with it. */
const SECOND_MS = 1_000

let stores: Stores
let directory: string
beforeAll(async () => {
  stores = await startStores()
  directory = dirname(stores.dataDir)
})
afterAll(() => stores[Symbol.asyncDispose]())

const addressOf = (n: number): string => `198.18.${(n >> 8) & 255}.${n & 255}`

async function writeDevices(count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, n) => `d${n},${addressOf(n)}`)
  await writeFile(join(directory, 'devices.csv'), `id,address\n${lines.join('\n')}\n`)
}

/** The stamps of every device's samples, oldest first. */
async function stampsByDevice(): Promise<Map<string, number[]>> {
  await stores.victoriaMetrics.flush()
  const stamps = new Map<string, number[]>()
  const range = { start: Date.now() - 300_000, end: Date.now() + 60_000 }
  await stores.victoriaMetrics.exportSeries('ping_up', range, (series) => {
    const own = Array.from({ length: series.count }, (_, i) => series.stampAt(i))
    stamps.set(series.labels['device'] ?? '', own)
  })
  return stamps
}

test('G3: under load, a reload and then SIGTERM: no sample is lost, and all has ended in under 10 s', async () => {
  await writeDevices(DEVICES)
  const config = join(directory, 'wardline.yaml')
  await writeFile(
    config,
    `data_dir: ${stores.dataDir}
victoriametrics: { url: '${stores.vmUrl}' }
redis: { url: '${stores.redisUrl}' }
inventory: { files: [devices.csv] }
defaults: { ping: { interval: ${INTERVAL_MS / 1_000}s, count: 1, timeout: 500ms } }
collector: { name: hq, listen: '127.0.0.1:${await freePort()}', canaries: ['127.0.0.1'] }
alerting: { listen: '127.0.0.1:${await freePort()}', canary: false }
api: { listen: '127.0.0.1:${await freePort()}' }
`,
  )
  await using wardline = startWardline(['run', 'collector', 'alerting', 'api'], {
    env: { WARDLINE_CONFIG: config },
  })
  const seen = (count: number): Promise<unknown> =>
    waitFor(async () => (await stampsByDevice()).size >= count, {
      timeoutMs: 30_000,
      what: `samples of ${count} devices`,
    })
  await seen(DEVICES)

  await writeDevices(DEVICES + ADDED)
  wardline.kill('SIGHUP')
  await seen(DEVICES + ADDED)
  // One more whole turn of all of them.
  const reloadedAt = Date.now()
  await waitFor(
    async () =>
      [...(await stampsByDevice()).values()].every((own) => (own.at(-1) ?? 0) >= reloadedAt),
    { timeoutMs: 30_000, what: 'a turn after the reload' },
  )

  const endedAt = Date.now()
  wardline.kill('SIGTERM')
  expect(await wardline.exited, wardline.output().slice(-2_000)).toBe(0)
  expect(Date.now() - endedAt).toBeLessThan(10_000)

  const stamps = await stampsByDevice()
  expect(stamps.size).toBe(DEVICES + ADDED)
  const gaps = [...stamps].flatMap(([device, own]) =>
    own.slice(1).flatMap((at, i) => {
      const gap = at - (own[i] ?? at)
      return gap > INTERVAL_MS ? [`${device}: ${gap} ms`] : []
    }),
  )
  expect(gaps).toEqual([])
  // What was due before the end was probed, and what was probed is there.
  const short = [...stamps].filter(
    ([, own]) => (own.at(-1) ?? 0) < endedAt - INTERVAL_MS - 2 * SECOND_MS,
  )
  expect(short.map(([device]) => device)).toEqual([])
}, 120_000)
