import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Stores, freePort } from '../../../stores.ts'
import { waitFor } from '../../../wait.ts'
import { startWardline } from '../../../wardline-process.ts'

/** One alert as Alertmanager would have got it. */
export type Posted = {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
}

/** What stands in Alertmanager's place: it takes alerts, and keeps them. */
export type Listener = AsyncDisposable & { readonly url: string; readonly posted: Posted[] }

export async function startListener(): Promise<Listener> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (request.url?.endsWith('/api/v2/alerts')) posted.push(...(JSON.parse(body) as Posted[]))
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
  return body
}

/** Debian's vmalert over a VictoriaMetrics of its own, into which it writes its ALERTS. */
export async function startVmalert(
  rules: string,
  { vmUrl }: Stores,
  listener: Listener,
): Promise<AsyncDisposable & { readonly url: string; readonly pid: number }> {
  const url = `http://127.0.0.1:${await freePort()}`
  const child = spawn(
    'vmalert',
    [
      `-rule=${rules}`,
      `-datasource.url=${vmUrl}`,
      `-remoteWrite.url=${vmUrl}`,
      `-remoteRead.url=${vmUrl}`,
      '-remoteWrite.flushInterval=200ms',
      `-notifier.url=${listener.url}`,
      `-httpListenAddr=${new URL(url).host}`,
      '-evaluationInterval=2s',
    ],
    { stdio: 'ignore' },
  )
  await waitFor(async () => (await fetch(`${url}/health`)).ok, { what: 'vmalert' })
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'close')
    },
  }
}

/** `wardline run alerting` over the same rules, with the listener as its one Alertmanager. */
export async function startAlerting(
  rules: string,
  { vmUrl, redisUrl }: Stores,
  listener: Listener,
  folder: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'wardline.yaml')
  const settings = {
    data_dir: join(folder, 'data'),
    victoriametrics: { url: vmUrl },
    redis: { url: redisUrl },
    inventory: { devices: [{ id: 'router-1', address: '198.18.0.1' }] },
    alerting: { listen: address, rule_files: [rules] },
    receivers: [{ name: 'listener', alertmanager: { urls: [listener.url] } }],
  }
  await writeFile(config, JSON.stringify(settings))
  const process = startWardline(['--config', config, 'run', 'alerting'])
  await waitFor(async () => (await fetch(`http://${address}/health`)).ok, {
    timeoutMs: 20_000,
    what: `alerting: ${process.output()}`,
  })
  return {
    url: `http://${address}`,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}
