import { expect, test } from 'vitest'
import { overProbes } from '../../../../alerting/rules/interval.ts'
import type { EvaluationContext } from '../../../../alerting/rule.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const fast = device('fast')
const slow = device('slow', { ping: { ...fast.ping, intervalMs: 60_000 } })
const off = device('off', { enabled: false, ping: { ...fast.ping, intervalMs: 30_000 } })

test('each interval in use is asked once, and its own devices alone are heard', async () => {
  const asked: string[] = []
  const context = {
    fleet: { inventory: inventoryOf(fast, slow, device('fast too'), off).current },
    query: async (expr: string) => {
      asked.push(expr)
      return ['fast', 'slow', 'gone'].map((id) => ({ labels: { device: id }, value: 1, at: 0 }))
    },
  }
  const expr = overProbes(
    ({ ping }) => ping.intervalMs,
    (ms) => `loss[${10 * ms}ms]`,
  )
  if (typeof expr === 'string') throw new Error('a function is expected')

  const results = await expr(context as unknown as EvaluationContext)

  expect(asked).toEqual(['loss[100000ms]', 'loss[600000ms]'])
  expect(results.map(({ labels }) => labels['device'])).toEqual(['fast', 'slow'])
})
