import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { makeDataDir } from '../data-dir.ts'
import { listenFailure, parseListen } from '../listen-address.ts'
import type { Logger } from '../log.ts'
import { StartError } from '../start-error.ts'
import { connectVictoriaMetrics } from '../victoriametrics.ts'
import { type Child, keepRunning } from './child.ts'

/** A VictoriaMetrics of our own, its data under `dataDir`, ready when this resolves. */
export async function startVictoriaMetrics(
  { listen, retention }: Config['victoriametrics'],
  dataDir: string,
  log: Logger,
  signal: AbortSignal,
): Promise<Child & { readonly url: string }> {
  const { host, port } = parseListen(listen)
  if (!isLoopback(host)) {
    log.warn(
      { listen },
      'victoriametrics.listen is open to the network, and VictoriaMetrics asks for no password',
    )
  }
  const directory = join(dataDir, 'victoria-metrics')
  await makeDataDir(dataDir)
  await makeDataDir(directory)
  const url = urlOf(host, port)
  const child = await keepRunning(
    {
      name: 'VictoriaMetrics',
      command: 'victoria-metrics',
      args: victoriaMetricsArgs({ listen, retention, directory }),
      remedy:
        'run `node setup.mjs`, or set victoriametrics.url to a VictoriaMetrics that runs elsewhere',
      pidFile: join(dataDir, 'victoria-metrics.pid'),
      beforeFirstStart: () => refuseUsedPort(listen),
      isReady: () => isHealthy(url),
      levelOf: victoriaMetricsLevel,
      readyMs: 60_000, // opening years of data takes a while on a slow disk
      stopMs: 4_000,
    },
    log,
    signal,
  )
  return {
    url,
    get pid() {
      return child.pid
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}

export function victoriaMetricsArgs({
  listen,
  retention,
  directory,
}: {
  listen: string
  retention: string
  directory: string
}): string[] {
  return [
    `-httpListenAddr=${listen}`,
    `-storageDataPath=${directory}`,
    `-retentionPeriod=${retention}`,
    // What a writer sends again after a crash of VictoriaMetrics is the same sample, not another one.
    '-dedup.minScrapeInterval=1ms',
    // Queries see the newest samples, not those of 30 s ago.
    '-search.latencyOffset=0s',
    // force_flush, called at every evaluation, logs a line at INFO.
    '-loggerLevel=WARN',
    '-memory.allowedPercent=25',
    ...(listen.startsWith('[') ? ['-enableTCP6'] : []),
  ]
}

/** `<time>\t<level>\t<file>\t<message>`; a line without a level belongs to a stack trace. */
export function victoriaMetricsLevel(line: string): 'debug' | 'warn' | 'error' {
  const level = line.split('\t')[1]
  if (level === 'warn') return 'warn'
  return level === 'error' || level === 'fatal' || level === 'panic' ? 'error' : 'debug'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** Where a server that listens on every address is asked. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (!host.includes(':')) return `http://${host}:${port}`
  return `http://[${host === '::' ? '::1' : host}]:${port}`
}

async function refuseUsedPort(listen: string): Promise<void> {
  const { host, port } = parseListen(listen)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer()
  server.once('error', reject)
  server.listen(port, host, resolve)
  try {
    await promise
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE')
      throw new StartError(`victoriametrics.listen: ${listenFailure(listen, error)}`, {
        cause: error,
      })
    throw new StartError(
      `${listen} is in use, and wardline's own VictoriaMetrics needs it: set victoriametrics.listen to ` +
        `another address, or victoriametrics.url to the VictoriaMetrics that is there`,
      { cause: error },
    )
  } finally {
    await new Promise<void>((closed) => server.close(() => closed()))
  }
}

async function isHealthy(url: string): Promise<boolean> {
  await using client = connectVictoriaMetrics(url, { connections: 1 })
  return await client.healthy(1_000)
}
