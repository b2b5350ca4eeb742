import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../log.ts'
import { startVictoriaMetrics } from './victoria-metrics.ts'

/** An empty VictoriaMetrics on loopback that keeps any year's samples and goes with its data when it is disposed. */
export async function startThrowAway(
  log: Logger,
  signal: AbortSignal,
): Promise<AsyncDisposable & { readonly url: string }> {
  await using started = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'wardline-throw-away-'))
  started.defer(() => rm(directory, { recursive: true, force: true }))
  const settings = { listen: `127.0.0.1:${await freePort()}`, retention: '100y' }
  const { url } = started.use(await startVictoriaMetrics(settings, directory, log, signal))
  const owned = started.move()
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
