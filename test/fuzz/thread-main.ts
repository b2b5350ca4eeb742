import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { memoryUsage } from 'node:process'
import { runInNewContext } from 'node:vm'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { check } from './check.ts'
import type { Order, Report } from './thread.ts'
import { targetNamed } from './targets.ts'

/** One target in a thread of its own: one that hangs or takes all memory can be ended from outside. */
if (!isMainThread && parentPort !== null) {
  const { name, seed, inputs, shared, revealed } = workerData as Order
  const view = new Float64Array(shared)
  const port = parentPort
  const target = await targetNamed(name)
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  // What is loaded and kept once is no growth.
  const warmUp = Math.min(Math.ceil(inputs / 10), 5_000)
  let done = 0
  let heapBefore = 0
  const verdict = await check(
    target,
    { seed, inputs },
    {
      begin(input) {
        if (done === warmUp) heapBefore = heapInUse()
        if (done === revealed)
          port.postMessage({ kind: 'input', input: fc.stringify(input) } satisfies Report)
        view[1] = Date.now()
      },
      ended() {
        done++
        view[0] = done
      },
    },
  )
  const growth = done > warmUp ? heapInUse() - heapBefore : 0
  port.postMessage({ kind: 'verdict', verdict, growth } satisfies Report)

  function heapInUse(): number {
    collectGarbage()
    return getHeapStatistics().used_heap_size + memoryUsage().external
  }
}
