import { execFile } from 'node:child_process'
import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runTraps } from '../../../collector/traps/loop.ts'
import { systemClock } from '../../../lib/clock.ts'
import { type Config, configSchema } from '../../../lib/config/schema.ts'
import type { Device } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { type MutableInventory, device, inventoryOf } from '../../fakes/inventory.ts'
import { type RecordedLog, recordLog } from '../../fakes/log.ts'
import { waitFor } from '../../wait.ts'

const run = promisify(execFile)

/** Credentials by name, as a configuration has them. */
export function credentialsOf(given: Record<string, unknown>): Config['credentials'] {
  return configSchema.parse({ credentials: given }).credentials
}

/** A device that is polled with these credentials: they are what its traps may come with. */
export const sender = (id: string, address: string, ...credentials: readonly string[]): Device =>
  device(id, {
    address,
    snmp: { modules: [], credentials, port: 161, intervalMs: 60_000, timeoutMs: 1_000 },
  })

export type Running = AsyncDisposable & {
  readonly port: number
  readonly inventory: MutableInventory
  readonly samples: readonly Sample[]
  readonly poked: readonly string[]
  readonly received: number
  readonly dropped: Readonly<Record<string, number>>
  readonly log: RecordedLog
  /** The newest value of a counter, undefined while there is none. */
  total(device: string, trap: string): number | undefined
  /** Until the counter has this value. */
  reached(device: string, trap: string, value?: number): Promise<unknown>
  /** Until so many packets were dropped for the reason. */
  refused(reason: string, packets?: number): Promise<unknown>
}

/** The loop that takes traps, over the real socket. */
export async function startTraps(
  devices: readonly Device[],
  {
    credentials,
    shared = [],
    listen = '127.0.0.1:0',
    dataDir,
    resolve = ({ address }) => address,
  }: {
    credentials: Config['credentials']
    shared?: readonly string[]
    listen?: string
    dataDir?: string
    resolve?: (device: Device) => string | null
  },
): Promise<Running> {
  const own = await mkdtemp(join(tmpdir(), 'wardline-traps-'))
  const inventory = inventoryOf(...devices)
  const log = recordLog()
  const samples: Sample[] = []
  const poked: string[] = []
  const dropped: Record<string, number> = {}
  let received = 0
  const stop = new AbortController()
  const running = runTraps(
    {
      listen,
      dataDir: dataDir ?? own,
      vantage: 'dc',
      inventory,
      credentials,
      shared,
      resolve,
      write: (more) => void samples.push(...more),
      pokes: { poke: (id) => void poked.push(id) },
      meter: {
        received: (packets) => void (received += packets),
        dropped: (reason, packets) => void (dropped[reason] = (dropped[reason] ?? 0) + packets),
        success: () => {},
      },
      clock: systemClock,
      log: log.log,
    },
    stop.signal,
  )
  const isTaken = (line: RecordedLog['lines'][number]): boolean =>
    line.msg === 'SNMP: traps are taken'
  await Promise.race([
    running,
    waitFor(() => log.lines.some(isTaken), { what: 'the socket for traps' }),
  ])
  const total = (id: string, trap: string): number | undefined =>
    samples.findLast(({ labels }) => labels['device'] === id && labels['trap'] === trap)?.fields[
      'traps_total'
    ]
  return {
    port: Number(log.lines.find(isTaken)?.['port']),
    inventory,
    samples,
    poked,
    get received() {
      return received
    },
    dropped,
    log,
    total,
    reached: (id, trap, value = 1) =>
      waitFor(() => total(id, trap) === value, { what: `${value} of ${trap} of ${id}` }),
    refused: (reason, packets = 1) =>
      waitFor(() => dropped[reason] === packets, { what: `${packets} dropped for ${reason}` }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await rm(own, { recursive: true })
    },
  }
}

/** Debian's tools, as a sender of its own with an engine of its own. */
export type Tools = AsyncDisposable & {
  snmptrap(...args: readonly string[]): Promise<unknown>
  /** Rejects unless the inform is acknowledged. */
  snmpinform(...args: readonly string[]): Promise<unknown>
}

export async function openTools(): Promise<Tools> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-snmptrap-'))
  const env = { ...process.env, SNMP_PERSISTENT_DIR: directory, SNMPCONFPATH: directory, MIBS: '' }
  return {
    snmptrap: (...args) => run('snmptrap', args, { env }),
    snmpinform: (...args) => run('snmpinform', ['-r', '1', '-t', '2', ...args], { env }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

/** A UDP socket of a test: it sends as anybody, and keeps what comes in. */
export type Wire = AsyncDisposable & {
  readonly port: number
  readonly packets: readonly Buffer[]
  send(packet: Buffer, port: number, address?: string): Promise<void>
}

export async function openWire(address = '127.0.0.1', port = 0): Promise<Wire> {
  const socket: Socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  const packets: Buffer[] = []
  socket.on('message', (packet: Buffer) => void packets.push(packet))
  return {
    port: socket.address().port,
    packets,
    send: (packet, to, host = '127.0.0.1') =>
      new Promise((resolve, reject) => {
        socket.send(packet, to, host, (error) => (error === null ? resolve() : reject(error)))
      }),
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
}
