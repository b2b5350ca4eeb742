import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Request = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A server that keeps what it is asked and answers as a test says; `hang` is no answer at all. */
export type HttpService = AsyncDisposable & {
  readonly url: string
  readonly requests: readonly Request[]
  behave(how: (request: Request) => Answer | 'hang'): void
}

export async function startHttpService(
  first: (request: Request) => Answer | 'hang' = () => ({ status: 200 }),
): Promise<HttpService> {
  const requests: Request[] = []
  let how = first
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (text: string) => (body += text))
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming
      const request = { method, path, headers, body }
      requests.push(request)
      const answer = how(request)
      if (answer === 'hang') return
      response.writeHead(answer.status, { ...answer.headers }).end(answer.body ?? '')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    behave(next) {
      how = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
