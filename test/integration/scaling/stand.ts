import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { type Stores, freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startWardline } from '../../wardline-process.ts'

export const INTERVAL_MS = 2_000

export type Collector = AsyncDisposable & {
  readonly name: string
  readonly process: WardlineProcess
  /** When it began to look for the others: how long a process takes to start is the machine's matter. */
  startedAt(): number
  health(): Promise<Health>
}

export type Health = {
  readonly collectors: readonly string[]
  readonly share: { readonly devices: number; readonly of: number }
  readonly redis: string
}

/** One probe as it is stored. */
export type Probe = { readonly at: number; readonly vantage: string }

/** `wardline run collector` processes over the same devices. */
export type Stand = AsyncDisposable & {
  readonly devices: readonly string[]
  start(
    name: string,
    settings?: { site?: string; vmUrl?: string; redisUrl?: string },
  ): Promise<Collector>
  /** Of each device, in the order of their stamps, those of vantages that begin so. */
  probes(range: { start: number; end: number }, prefix: string): Promise<Map<string, Probe[]>>
}

export async function openStand(stores: Stores, deviceCount: number): Promise<Stand> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-scaling-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const devices = Array.from({ length: deviceCount }, (_, index) => ({
    id: `device-${index}`,
    address: `198.18.${Math.floor(index / 250)}.${(index % 250) + 1}`,
  }))

  async function start(
    name: string,
    { site = '', vmUrl = stores.vmUrl, redisUrl = stores.redisUrl } = {},
  ): Promise<Collector> {
    const listen = `127.0.0.1:${await freePort()}`
    const config = join(folder, `${name}.yaml`)
    await writeFile(
      config,
      stringify({
        data_dir: join(folder, name),
        inventory: { devices },
        defaults: { ping: { interval: '2s', count: 1, timeout: '500ms' } },
        victoriametrics: { url: vmUrl },
        redis: { url: redisUrl },
        collector: { name, site, listen, canaries: [] },
      }),
    )
    const process = startWardline(['--config', config, 'run', 'collector'])
    return {
      name,
      process,
      startedAt: () => toldAt(process.output(), 'wardline runs'),
      async health() {
        return (await (await fetch(`http://${listen}/health`)).json()) as Health
      },
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    }
  }

  const owned = stack.move()
  return {
    devices: devices.map(({ id }) => id),
    start,
    probes: (range, prefix) => readProbes(stores.victoriaMetrics, range, prefix),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** When a line of its log was written. */
function toldAt(log: string, message: string): number {
  const line = log.split('\n').find((each) => each.includes(`"msg":"${message}"`)) ?? '{}'
  return Date.parse((JSON.parse(line) as { time?: string }).time ?? '')
}

async function readProbes(
  victoriaMetrics: VictoriaMetrics,
  range: { start: number; end: number },
  prefix: string,
): Promise<Map<string, Probe[]>> {
  await victoriaMetrics.flush()
  const columns = ['__timestamp__:unix_ms', 'device', 'vantage'] as const
  const csv = await victoriaMetrics.exportCsv(`ping_up{vantage=~"${prefix}.*"}`, columns, range, {})
  const probes = new Map<string, Probe[]>()
  for (const line of csv.split('\n')) {
    const [stamp = '', device = '', vantage = ''] = line.trim().split(',')
    if (vantage === '' || Number.isNaN(Number(stamp))) continue
    const probe = { at: Number(stamp), vantage }
    const known = probes.get(device)
    if (known === undefined) probes.set(device, [probe])
    else known.push(probe)
  }
  for (const list of probes.values()) list.sort((one, other) => one.at - other.at)
  return probes
}

/** All of them name these, and each has a part of the devices. */
export const agree = (collectors: readonly Collector[], timeoutMs = 60_000): Promise<unknown> =>
  waitFor(
    async () => {
      const names = collectors.map(({ name }) => name).sort()
      const known = await Promise.all(collectors.map((collector) => collector.health()))
      const total = known.reduce((sum, { share }) => sum + share.devices, 0)
      return (
        known.every((health) => health.collectors?.join() === names.join()) &&
        total === known[0]?.share.of
      )
    },
    {
      timeoutMs,
      intervalMs: 100,
      what: `${collectors.map(({ name }) => name).join(', ')} to divide the devices`,
    },
  ).catch((error: unknown) => {
    throw new Error(collectors.map(({ process }) => process.output()).join('\n'), { cause: error })
  })

/** The longest time between two probes of any device in [start, end], to its ends included. */
export function longestGap(
  probes: ReadonlyMap<string, readonly Probe[]>,
  devices: readonly string[],
  { start, end }: { start: number; end: number },
): number {
  let longest = 0
  for (const device of devices) {
    let last = start
    for (const { at } of probes.get(device) ?? []) {
      if (at < start || at > end) continue
      longest = Math.max(longest, at - last)
      last = at
    }
    longest = Math.max(longest, end - last)
  }
  return longest
}

/** Devices that more than one collector probed in [start, end]. */
export const probedTwice = (
  probes: ReadonlyMap<string, readonly Probe[]>,
  { start, end }: { start: number; end: number },
): string[] =>
  [...probes]
    .filter(([, list]) => {
      const inside = list.filter(({ at }) => at >= start && at <= end)
      return new Set(inside.map(({ vantage }) => vantage)).size > 1
    })
    .map(([device]) => device)

/** The most probes of one second in [start, end]. */
export function mostInASecond(
  probes: ReadonlyMap<string, readonly Probe[]>,
  { start, end }: { start: number; end: number },
): number {
  const counts = new Map<number, number>()
  for (const { at } of [...probes.values()].flat())
    if (at >= start && at <= end) counts.set(at, (counts.get(at) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}
