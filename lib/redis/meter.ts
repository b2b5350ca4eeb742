import { type Registry, metricsOf } from '../metrics.ts'
import type { RedisMeter } from './watch.ts'

/** What a service says of Redis as it sees it. */
export function createRedisMeter(
  registry: Registry,
): RedisMeter & { putBack(entries: number): void } {
  const { gauge, counter } = metricsOf(registry)
  const up = gauge('wardline_redis_up', '1 while Redis answers in time and takes writes', [])
  const answer = gauge('wardline_redis_answer_seconds', 'Time of its last answer', [])
  const memory = gauge('wardline_redis_memory_ratio', 'Memory used, of what it may use', [])
  const losses = counter('wardline_redis_losses_total', 'Times that it had lost data', [])
  const putBacks = counter(
    'wardline_redis_put_back_total',
    'Entries of the notification log that were written again',
    [],
  )
  return {
    beaten: (seconds) => answer.set(seconds),
    state: ({ status }) => up.set(Number(status === 'ok')),
    lost: () => losses.inc(),
    putBack: (entries) => putBacks.inc(entries),
    memory: (ratio) => memory.set(ratio ?? 0),
  }
}
