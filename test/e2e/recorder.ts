import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type NotifiedAlert, parseNotification } from '../../lab/notification.ts'

/** One request as it came. */
export type Record = {
  readonly at: number
  readonly idempotencyKey: string
  readonly body: string
  readonly alerts: readonly NotifiedAlert[]
}

/** A webhook receiver that takes everything and keeps it, in the order of arrival. */
export type Recorder = AsyncDisposable & {
  readonly url: string
  readonly records: readonly Record[]
}

export async function recordNotifications(): Promise<Recorder> {
  const records: Record[] = []
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => {
        const notification = parseNotification(body)
        const idempotencyKey = String(request.headers['idempotency-key'] ?? '')
        records.push({ at: Date.now(), idempotencyKey, body, alerts: notification?.alerts ?? [] })
        response.writeHead(notification === null ? 400 : 200).end()
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
  for (const { at, idempotencyKey, alerts } of records) {
    if (keys.has(idempotencyKey)) continue
    keys.add(idempotencyKey)
    for (const alert of alerts) {
      if (alert.labels['alertname'] !== alertname) continue
      const device = alert.labels['device'] ?? ''
      heard.set(device, [...(heard.get(device) ?? []), { ...alert, receivedAt: at }])
    }
  }
  return heard
}
