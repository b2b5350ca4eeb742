import { Pool } from 'undici'
import type { DiagnosticKind } from '../../lib/diagnostics.ts'
import { takeCredentials } from '../../lib/url-credentials.ts'
import { Problem } from '../problem.ts'

/** The collector that probes by hand: the API itself never does. */
export type CollectorClient = AsyncDisposable & {
  /** What it says, as it says it. Rejects with Problem: 502 while it is away, 429 while it is busy. */
  diagnose(kind: DiagnosticKind, device: string, signal: AbortSignal): Promise<ReadableStream>
}

const CONNECTIONS = 8
/** Nothing is silent for longer: an SNMP poll, which is told of when it is over, has less than this. */
const SILENT_MS = 65_000

export function connectCollector(address: string): CollectorClient {
  const { url, authorization } = takeCredentials(address)
  const base = new URL(url)
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = new Pool(base.origin, {
    connections: CONNECTIONS,
    bodyTimeout: SILENT_MS,
    headersTimeout: SILENT_MS,
    connect: { timeout: 3_000 },
  })

  async function ask(path: string, signal: AbortSignal) {
    try {
      return await pool.request({
        method: 'POST',
        path: prefix + path,
        headers: {
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: '{}',
        signal,
      })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw away(`can't reach the collector at ${url}: ${(error as Error).message}`, error)
    }
  }

  return {
    async diagnose(kind, device, signal) {
      const path = `/diagnostics/${kind}/${encodeURIComponent(device)}`
      const { statusCode, body } = await ask(path, signal)
      if (statusCode === 200) return streamOf(body)
      await body.dump()
      if (statusCode === 429)
        throw new Problem(429, 'Too many', 'the collector is busy: try again in a few seconds', {
          reason: 'rate-limited',
        })
      throw away(
        statusCode === 404
          ? `the collector at ${url} doesn't know ${JSON.stringify(device)} yet, or has no diagnostics: check that its version and inventory are the same`
          : `the collector at ${url} answered ${statusCode}: check api.collector_url`,
      )
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** Whoever stops reading ends the request, and with it the probe. */
function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream {
  return ReadableStream.from(body)
}

const away = (detail: string, cause?: unknown): Problem =>
  new Problem(502, 'Collector is away', detail, { reason: 'unreachable' }, { cause })
