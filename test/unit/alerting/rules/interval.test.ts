import { describe, expect, test } from 'vitest'
import { overProbes } from '../../../../alerting/rules/interval.ts'
import type { EvaluationContext } from '../../../../alerting/rule.ts'
import { fleetOf } from '../../../fakes/fleet.ts'
import { device } from '../../../fakes/inventory.ts'

const T = Date.UTC(2026, 10, 22, 12)
const fast = device('fast')
const slow = device('slow', { ping: { ...fast.ping, intervalMs: 60_000 } })
const off = device('off', { enabled: false, ping: { ...fast.ping, intervalMs: 30_000 } })

test('each interval in use is asked once, and its own devices alone are heard', async () => {
  const asked: string[] = []
  const context = {
    at: T,
    firing: new Set<string>(),
    fleet: fleetOf([fast, slow, device('fast too'), off], {}, T),
    query: async (expr: string) => {
      asked.push(expr)
      return ['fast', 'slow', 'gone'].map((id) => ({ labels: { device: id }, value: 1, at: 0 }))
    },
  }
  const expr = overProbes(
    ({ ping }) => ping.intervalMs,
    (ms) => `loss[${10 * ms}ms]`,
    (ms) => 10 * ms,
  )
  if (typeof expr === 'string') throw new Error('a function is expected')

  const results = await expr(context as unknown as EvaluationContext)

  expect(asked).toEqual(['loss[100000ms]', 'loss[600000ms]'])
  expect(results.map(({ labels }) => labels['device'])).toEqual(['fast', 'slow'])
})

describe('while the collector of a device is blind, and as long after it as the windows look back', () => {
  const devices = [device('lossy'), device('fine')]
  const seen: { loss: readonly string[]; firing: string[]; seesSince: number } = {
    loss: [],
    firing: [],
    seesSince: -Infinity,
  }
  const expr = overProbes(
    ({ ping }) => ping.intervalMs,
    () => 'loss',
    (ms) => 10 * ms,
  )

  /** The devices that are told, and with which value. */
  async function told(at: number, now: Partial<typeof seen>): Promise<readonly string[]> {
    Object.assign(seen, now)
    if (typeof expr === 'string') throw new Error('a function is expected')
    const results = await expr({
      at,
      firing: new Set(seen.firing),
      fleet: fleetOf(devices, {}, at, { seesSince: () => seen.seesSince }),
      query: async () => seen.loss.map((id) => ({ labels: { device: id }, value: 1, at })),
    } as unknown as EvaluationContext)
    return results.map(({ labels }) => labels['device'] ?? '')
  }

  test('what fires goes on, and nothing begins', async () => {
    expect(await told(T, { loss: ['lossy'] })).toEqual(['lossy'])
    const blind = { firing: ['lossy'], seesSince: Infinity }
    expect(await told(T + 10_000, { ...blind, loss: ['lossy', 'fine'] })).toEqual(['lossy'])
    expect(await told(T + 20_000, { ...blind, loss: ['fine'] })).toEqual(['lossy'])
    const back = { firing: ['lossy'], seesSince: T + 30_000 }
    expect(await told(T + 40_000, { ...back, loss: ['fine'] })).toEqual(['lossy'])
    expect(await told(T + 130_000, { ...back, loss: ['fine'] })).toEqual(['fine'])
  })
})
