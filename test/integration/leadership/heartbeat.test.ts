import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runHeartbeat } from '../../../alerting/heartbeat.ts'
import { heartbeatSchema } from '../../../lib/config/heartbeat.ts'
import { type ManualClock, manualClock } from '../../fakes/clock.ts'
import { recordLog } from '../../fakes/log.ts'
import { waitFor } from '../../wait.ts'

const MINUTE = 60_000

let stack: AsyncDisposableStack
let calls: string[]
let status: number
let address: string
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  calls = []
  status = 200
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => stack.disposeAsync())

function start(
  more: Record<string, string> = {},
  begins: { health?: string | null; leads?: boolean } = {},
) {
  const clock: ManualClock = manualClock(Date.UTC(2026, 0, 1))
  const beats: string[] = []
  const world = { health: null as string | null, leads: true, ...begins }
  const log = recordLog()
  const stopping = new AbortController()
  const running = runHeartbeat(
    {
      heartbeat: heartbeatSchema.parse({ url: `${address}/ping/a-secret-key`, ...more }),
      gate: { token: 1, pass: async () => world.leads },
      health: () => world.health,
      meter: { beat: (result) => beats.push(result) },
      externals: {},
      clock,
      log: log.log,
    },
    stopping.signal,
  )
  stack.defer(async () => {
    stopping.abort(new Error('the test ends'))
    await running
  })
  return {
    world,
    beats,
    log,
    async pass(ms: number, count: number) {
      await clock.advance(ms)
      await waitFor(() => beats.length >= count)
    },
  }
}

describe('the dead man’s signal', () => {
  test('is a call each minute while all is well, by the method that is configured', async () => {
    const heart = start({ method: 'HEAD' })
    await heart.pass(0, 1)
    await heart.pass(MINUTE, 2)
    await heart.pass(MINUTE, 3)
    expect(calls).toEqual(Array(3).fill('HEAD /ping/a-secret-key'))
    expect(heart.beats).toEqual(['sent', 'sent', 'sent'])
  })

  test('ends while evaluations are late, and goes on after', async () => {
    const heart = start()
    await heart.pass(0, 1)
    heart.world.health = 'evaluations are late'
    await heart.pass(MINUTE, 2)
    await heart.pass(MINUTE, 3)
    heart.world.health = null
    await heart.pass(MINUTE, 4)
    expect(heart.beats).toEqual(['sent', 'withheld', 'withheld', 'sent'])
    expect(calls).toHaveLength(2)
  })

  test('is another call then, where there is one', async () => {
    const health = 'VictoriaMetrics takes no samples'
    const heart = start({ fail_url: `${address}/fail` }, { health })
    await heart.pass(MINUTE + 1_000, 1)
    expect(calls).toEqual(['GET /fail'])
  })

  test('begins with the first evaluation', async () => {
    const heart = start({}, { health: 'nothing was evaluated yet' })
    await heart.pass(5_000, 0)
    heart.world.health = null
    await heart.pass(1_000, 1)
    expect(heart.beats).toEqual(['sent'])
  })

  test('that nobody took is tried again after ten seconds, and its URL is told to nobody', async () => {
    status = 500
    const heart = start()
    await heart.pass(0, 1)
    status = 200
    await heart.pass(10_000, 2)
    expect(heart.beats).toEqual(['failed', 'sent'])
    expect(JSON.stringify(heart.log.lines)).not.toContain('a-secret-key')
  })

  test('is the leader’s alone', async () => {
    const heart = start({}, { leads: false })
    await heart.pass(0, 1)
    expect([heart.beats, calls]).toEqual([['withheld'], []])
  })
})
