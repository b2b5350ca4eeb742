import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stores, startStores } from '../../stores.ts'
import { alert, feed, ping, seldomPinged, slot, state } from './stand.ts'

const run = promisify(execFile)
/** Beside a change of clocks in Los Angeles and in London. */
const onceUp = Date.UTC(2026, 9, 25, 1, 30, 0, 250)

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
  const labels = { alertname: 'DeviceDown', severity: 'critical', device: 'abroad' }
  await feed(stores.victoriaMetrics, [
    state('abroad', false, onceUp, slot(40)),
    state('abroad', true, onceUp + 3_600_000, slot(30)),
    state('abroad', false, slot(20)),
    ping(seldomPinged('abroad'), slot(), null),
    ...alert({ ...labels, alertstate: 'firing' }, slot(20)),
  ])
})
afterAll(() => stores?.[Symbol.asyncDispose]())

test('B4 under every time zone the answers are the same, each time with Z', async () => {
  const script = new URL('print-times.ts', import.meta.url).pathname
  const printed = []
  for (const TZ of ['UTC', 'Asia/Tbilisi', 'America/Los_Angeles']) {
    const args = [script, stores.vmUrl, stores.redisUrl]
    const { stdout } = await run(process.execPath, args, { env: { ...process.env, TZ } })
    // Before it the link for the first admin is printed.
    printed.push(stdout.trimEnd().split('\n').at(-1))
  }

  const [utc = '', ...others] = printed
  expect(JSON.parse(utc).device.down_since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(others).toEqual([utc, utc])
})
