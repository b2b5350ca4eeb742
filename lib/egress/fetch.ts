import { fetch } from 'undici'
import { readUpTo } from '../bounded-body.ts'
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
    const bytes = await readUpTo(body, mostBytes)
    if (bytes === null)
      throw new Error(`expected at most ${mostBytes} bytes from ${new URL(url).origin}`)
    const kept = [...headers].filter(([name]) => !OF_THE_WIRE.has(name))
    // Such an answer may have no body, not even an empty one.
    const content = [204, 205, 304].includes(status) ? null : new Uint8Array(bytes)
    return new Response(content, { status, headers: kept })
  }
}
