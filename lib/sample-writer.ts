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
const CHUNK_BYTES = 65_536
/** A burst may have made it larger. */
const MOST_KEPT_BYTES = 1_048_576
const LINE_FEED = 0x0a

export function createSampleWriter(delivery: Delivery): SampleWriter {
  // Bytes from the start: as text a batch would be a tree of thousands of strings, which every young collection copies.
  let bytes = Buffer.allocUnsafe(CHUNK_BYTES)
  let length = 0
  let count = 0
  let from = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (count === 0) return
    // What waits or is kept to be sent again is one piece of its own size: Buffer.from would cut it out of one of 64 KB,
    // which stays in memory as long as anything in it.
    const body = Buffer.allocUnsafeSlow(length)
    bytes.copy(body, 0, 0, length)
    const batch = { kind: 'lines', body, samples: count, from } as const
    length = 0
    count = 0
    from = Number.POSITIVE_INFINITY
    if (bytes.length > MOST_KEPT_BYTES) bytes = Buffer.allocUnsafe(CHUNK_BYTES)
    delivery.send(batch)
  }

  function append(line: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    const most = length + line.length * 3 + 1
    if (most > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(most, bytes.length * 2))
      bytes.copy(larger, 0, 0, length)
      bytes = larger
    }
    length += bytes.write(line, length)
    bytes[length++] = LINE_FEED
    count++
  }

  return {
    write(samples) {
      for (const sample of samples) {
        const line = encodeLine(sample)
        if (line === '') continue
        append(line)
        from = Math.min(from, sample.at)
        if (count >= MAX_LINES) flush()
      }
      if (count > 0) timer ??= setTimeout(flush, LINGER_MS)
    },
    end(markers) {
      if (markers.length === 0) return
      flush() // a marker never overtakes the sample before it
      delivery.send({
        kind: 'remote-write',
        body: encodeWriteRequest(markers),
        samples: 0,
        from: Math.min(...markers.map(({ at }) => at)),
      })
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
