import type { Delivery } from './delivery.ts'
import { type Sample, encodeLine } from './line-protocol.ts'
import { type StaleSample, encodeWriteRequest } from './remote-write.ts'

/** Takes samples from probes and rules: never waits, never rejects. Lines are encoded once and sent in batches. */
export type SampleWriter = AsyncDisposable & {
  write(samples: readonly Sample[]): void
  /** Ends series: nothing of them shows after the marker's instant. */
  end(markers: readonly StaleSample[]): void
  /** Sends what was written so far, and resolves true when it is stored; false when that takes too long. */
  flushed(timeoutMs: number): Promise<boolean>
}

// A slot's results arrive together, so a short wait makes one request of them without costing detection time.
const LINGER_MS = 40
const MAX_LINES = 5_000

export function createSampleWriter(delivery: Delivery): SampleWriter {
  let lines = ''
  let count = 0
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (count === 0) return
    // Bytes, not the text: what waits or is kept to be sent again is one flat piece outside the heap.
    const batch = { kind: 'lines', body: Buffer.from(lines), samples: count } as const
    lines = ''
    count = 0
    delivery.send(batch)
  }

  return {
    write(samples) {
      for (const sample of samples) {
        const line = encodeLine(sample)
        if (line === '') continue
        lines += `${line}\n`
        count++
        if (count >= MAX_LINES) flush()
      }
      if (count > 0) timer ??= setTimeout(flush, LINGER_MS)
    },
    end(markers) {
      if (markers.length === 0) return
      flush() // a marker never overtakes the sample before it
      delivery.send({ kind: 'remote-write', body: encodeWriteRequest(markers), samples: 0 })
    },
    flushed(timeoutMs) {
      flush()
      return delivery.settled(timeoutMs)
    },
    async [Symbol.asyncDispose]() {
      flush()
      await delivery[Symbol.asyncDispose]()
    },
  }
}
