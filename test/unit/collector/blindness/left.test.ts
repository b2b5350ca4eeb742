import { expect, test } from 'vitest'
import { readLeftBlindness } from '../../../../collector/blindness/left.ts'

test('a collector that ends does not wait for a VictoriaMetrics that makes samples searchable slowly', async () => {
  const stop = new AbortController()
  const reason = new Error('the end')
  const victoriaMetrics = {
    flush: (signal?: AbortSignal) =>
      new Promise<boolean>((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
    query: () => expect.unreachable('nothing is asked after the end'),
  }
  const reading = readLeftBlindness(victoriaMetrics, 'lab', 0, stop.signal)
  stop.abort(reason)
  await expect(reading).rejects.toBe(reason)
})
