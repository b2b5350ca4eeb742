import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { dataDirError, makeDataDir } from '../data-dir.ts'
import type { Logger } from '../log.ts'
import { connectRedis } from '../redis.ts'
import { StartError } from '../start-error.ts'
import { type Child, keepRunning } from './child.ts'

/** A Redis of our own on a unix socket, its data under `dataDir`, ready when this resolves. */
export async function startRedis(
  dataDir: string,
  log: Logger,
  signal: AbortSignal,
): Promise<Child & { readonly url: string }> {
  const directory = join(dataDir, 'redis')
  await makeDataDir(dataDir)
  await makeDataDir(directory, { mode: 0o700 })
  const socket = socketPath(directory)
  if (dirname(socket) !== directory) await ownFolder(dirname(socket))
  const url = `unix://${socket}`
  const child = await keepRunning(
    {
      name: 'Redis',
      command: 'redis-server',
      args: redisArgs({ directory, socket }),
      remedy: 'run `node setup.mjs`, or set redis.url to a Redis that runs elsewhere',
      pidFile: join(dataDir, 'redis.pid'),
      isReady: () => answers(url, log),
      levelOf: redisLevel,
      readyMs: 30_000,
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

export function redisArgs({ directory, socket }: { directory: string; socket: string }): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: directory,
    // What people decided (silences, acknowledgements) survives; nothing that matters is ever evicted.
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
    maxmemory: '256mb',
    databases: '1',
    loglevel: 'warning',
  }
  return Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value])
}

// sockaddr_un has room for 107 bytes and an end.
const MAX_SOCKET_BYTES = 107

/** Beside the data, or under the system's temporary directory when that path is too long for a socket. */
export function socketPath(directory: string, temporary = tmpdir()): string {
  const path = join(directory, 'redis.sock')
  if (Buffer.byteLength(path) <= MAX_SOCKET_BYTES) return path
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  return join(temporary, `wardline-${hash}`, 'redis.sock')
}

/** `<pid>:<role> <date> <sign> <message>`: at level warning Redis tells of its start and end, too. */
export function redisLevel(line: string): 'debug' | 'warn' {
  // A kernel setting that matters to data of gigabytes, not to ours.
  if (line.includes('Memory overcommit must be enabled')) return 'debug'
  return /error|fatal|fail|can't|corrupt|out of memory|truncat/i.test(line) ? 'warn' : 'debug'
}

/** Makes a folder that nobody else may enter; refuses one that somebody else has put there. */
async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw dataDirError(path, error, 'TMPDIR')
  })
  const found = await lstat(path)
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return
  throw new StartError(
    `${path}, meant for the socket of wardline's own Redis, belongs to somebody else: remove it, or set data_dir to a shorter path`,
  )
}

async function answers(url: string, log: Logger): Promise<boolean> {
  const redis = connectRedis(url, log.child({}, { level: 'silent' }))
  try {
    await once(redis, 'ready', { signal: AbortSignal.timeout(1_000) })
    return true
  } catch {
    return false // not there yet, or still reading its data
  } finally {
    redis.disconnect()
  }
}
