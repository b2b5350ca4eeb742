import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Notification, parseNotification } from './notification.ts'

/** A receiver on a free port of 127.0.0.1 that takes every notification, and hands it on. */
export type WebhookListener = AsyncDisposable & { readonly url: string }

export async function listenForNotifications(
  onNotification: (notification: Notification) => void,
): Promise<WebhookListener> {
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const notification = parseNotification(body)
      response.writeHead(notification === null ? 400 : 200).end()
      if (notification !== null) onNotification(notification)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** What came of it: a sender that went away in the middle leaves a body that is no notification. */
async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  request.setEncoding('utf8')
  try {
    for await (const text of request) body += text
  } catch {
    return ''
  }
  return body
}
