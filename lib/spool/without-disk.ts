import type { SpoolMeter } from './meter.ts'
import { memoryBacklog } from './memory.ts'
import type { Spool } from './spool.ts'

const TURN_MS = 1_000

/** A spool that was given no room on disk: what waits is in memory alone. */
export function openWithoutDisk({
  bufferBytes,
  origin,
  meter,
}: {
  readonly bufferBytes: number
  readonly origin: string
  readonly meter: SpoolMeter
}): Spool {
  const memory = memoryBacklog(bufferBytes, origin)
  const state = () =>
    meter.state({
      bytes: memory.bytes,
      limitBytes: bufferBytes,
      samples: memory.samples,
      isFailing: false,
    })
  const timer = setInterval(state, TURN_MS).unref()
  state()
  async function close(): Promise<number> {
    clearInterval(timer)
    return await memory.close()
  }
  return Object.defineProperties({} as Spool, {
    ...Object.getOwnPropertyDescriptors(memory),
    failure: { value: null },
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
  })
}
