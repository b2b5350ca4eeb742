/** One reader of the event stream. */
export type EventClient = {
  readonly body: ReadableStream<Uint8Array>
  /** False when the client fell behind its bound: it is to be dropped. */
  send(chunk: Uint8Array): boolean
  end(): void
}

/** Bytes that wait for one client: a second's worth of a storm, and no more. */
const BOUND_BYTES = 1_048_576

/** `ended` is called once, when the reader goes away by itself. */
export function createEventClient(ended: () => void): EventClient {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  const body = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own
      },
      cancel() {
        controller = null
        ended()
      },
    },
    { highWaterMark: BOUND_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  )
  return {
    body,
    send(chunk) {
      if (controller === null) return false
      if ((controller.desiredSize ?? 0) < chunk.byteLength) return false
      controller.enqueue(chunk)
      return true
    },
    end() {
      controller?.close()
      controller = null
    },
  }
}
