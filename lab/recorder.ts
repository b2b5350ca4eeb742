import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type NotifiedAlert, parseNotification } from './notification.ts'

/** One request as it came. */
export type Record = {
  readonly at: number
  /** False where the answer was that it failed: it is to come again. */
  readonly taken: boolean
  readonly idempotencyKey: string
  readonly body: string
  readonly alerts: readonly NotifiedAlert[]
}

/**
 * `fails` answers 503; `hangs-up` cuts the connection; `is-slow` takes what it gets, and says so when the sender has long
 * given up.
 */
export type Manner = 'takes' | 'fails' | 'hangs-up' | 'is-slow'

/** A webhook receiver that keeps everything it gets, in the order of arrival. */
export type Recorder = AsyncDisposable & {
  readonly url: string
  readonly records: readonly Record[]
}

/** Past any sender's patience. */
const SLOW_MS = 40_000

export async function recordNotifications(
  mannerNow: () => Manner = () => 'takes',
): Promise<Recorder> {
  const records: Record[] = []
  const server = createServer((request, response) => {
    const manner = mannerNow()
    if (manner === 'hangs-up') return void request.destroy()
    void text(request).then(
      (body) => {
        const notification = parseNotification(body)
        const idempotencyKey = String(request.headers['idempotency-key'] ?? '')
        const taken = notification !== null && manner !== 'fails'
        const alerts = notification?.alerts ?? []
        records.push({ at: Date.now(), taken, idempotencyKey, body, alerts })
        response.statusCode = notification === null ? 400 : taken ? 200 : 503
        if (manner === 'is-slow') setTimeout(() => response.end(), SLOW_MS).unref()
        else response.end()
      },
      () => {}, // the sender went away in the middle: it sends it again
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    records,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** What a receiver that knows idempotency keys has heard of one alert, in order. */
export function heardOf(
  records: readonly Record[],
  alertname: string,
): Map<string, (NotifiedAlert & { readonly receivedAt: number })[]> {
  const heard = new Map<string, (NotifiedAlert & { receivedAt: number })[]>()
  const keys = new Set<string>()
  for (const { at, taken, idempotencyKey, alerts } of records) {
    if (!taken || keys.has(idempotencyKey)) continue
    keys.add(idempotencyKey)
    for (const alert of alerts) {
      if (alert.labels['alertname'] !== alertname) continue
      const device = alert.labels['device'] ?? ''
      heard.set(device, [...(heard.get(device) ?? []), { ...alert, receivedAt: at }])
    }
  }
  return heard
}
