import { fetch } from 'undici'
import type { Egress } from './egress.ts'

/** What of a request a library hands over. */
export type FetchOptions = {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: unknown
  readonly redirect: 'manual'
  readonly signal?: AbortSignal | undefined
}

/** What is true of the bytes on the wire alone, which are unpacked here. */
const OF_THE_WIRE = new Set(['content-encoding', 'content-length', 'transfer-encoding'])

/** `fetch` through the door, of answers that have at most so many bytes, unpacked. */
export function boundedFetch(
  egress: Egress,
  mostBytes: number,
): (url: string, options: FetchOptions) => Promise<Response> {
  return async (url, options) => {
    const given = { ...options, dispatcher: egress.agent() } as Parameters<typeof fetch>[1]
    const { status, body, headers } = await fetch(url, given)
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body ?? []) {
      size += chunk.length
      if (size > mostBytes)
        throw new Error(`expected at most ${mostBytes} bytes from ${new URL(url).origin}`)
      chunks.push(chunk)
    }
    const kept = [...headers].filter(([name]) => !OF_THE_WIRE.has(name))
    // Such an answer may have no body, not even an empty one.
    const content = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks)
    return new Response(content, { status, headers: kept })
  }
}
