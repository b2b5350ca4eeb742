import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Stores, freePort } from '../../../stores.ts'
import { waitFor } from '../../../wait.ts'
import { type WardlineProcess, startProcess, startWardline } from '../../../wardline-process.ts'

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

/** A process that evaluates rules; disposing ends it in good order. */
export type Evaluator = AsyncDisposable & {
  readonly url: string
  /** All that it has said. */
  output(): string
}

/** Debian's vmalert over a VictoriaMetrics into which it writes its ALERTS. */
export const startVmalert = async (
  rules: string,
  { vmUrl }: Stores,
  listener: Listener,
): Promise<Evaluator> =>
  startEvaluator((address) =>
    startProcess(
      'vmalert',
      [
        `-rule=${rules}`,
        `-datasource.url=${vmUrl}`,
        `-remoteWrite.url=${vmUrl}`,
        `-remoteRead.url=${vmUrl}`,
        '-remoteWrite.flushInterval=200ms',
        `-notifier.url=${listener.url}`,
        `-httpListenAddr=${address}`,
        '-loggerLevel=ERROR',
      ],
      { cwd: '/', env: {} },
    ),
  )

/** `wardline run alerting` over the same rules, with the listener as its one Alertmanager. */
export const startAlerting = async (
  rules: string,
  { vmUrl, redisUrl }: Stores,
  listener: Listener,
  folder: string,
): Promise<Evaluator> =>
  startEvaluator(async (address) => {
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
    return startWardline(['--config', config, 'run', 'alerting'])
  })

async function startEvaluator(
  start: (address: string) => WardlineProcess | Promise<WardlineProcess>,
): Promise<Evaluator> {
  const address = `127.0.0.1:${await freePort()}`
  const process = await start(address)
  let isEnded = false
  void process.exited.then(() => (isEnded = true))
  await waitFor(
    async () => {
      if (isEnded) throw new Error(`it ended:\n${process.output()}`)
      return (await fetch(`http://${address}/health`)).ok
    },
    { timeoutMs: 20_000, what: 'an evaluator of rules to answer' },
  )
  return {
    url: `http://${address}`,
    output: process.output,
    async [Symbol.asyncDispose]() {
      process.kill('SIGTERM')
      await process.exited
    },
  }
}
