import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Forward, forward } from '../../../lab/forward.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startWardline } from '../../wardline-process.ts'
import { type TestReceiver, inShort, startReceiver } from '../alerting/receiver.ts'

export const DEVICES = ['one', 'two', 'three', 'four'] as const
export type DeviceId = (typeof DEVICES)[number]

type Link = 'redis' | 'victoriametrics'

/** One of the instances, a process of its own that reaches the stores over links that can be cut. */
export type Member = {
  readonly name: string
  readonly url: string
  start(): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Resolves once the process has ended. */
  readonly exited: () => Promise<number | null>
  output(): string
  cut(link: Link): Promise<void>
  mend(link: Link): Promise<void>
  health(): Promise<Record<string, unknown>>
  leads(): Promise<boolean>
  /** When the last term that it led began, by its log. */
  leadsSince(): number
}

export type Stand = AsyncDisposable & {
  readonly stores: Stores
  readonly receiver: TestReceiver
  readonly members: readonly Member[]
  /** What a collector writes of it from now on. */
  set(device: DeviceId, up: boolean): void
  /** What the receiver was told of its outages, messages of one key once. */
  told(device: DeviceId): string[]
  toldOf(device: DeviceId, count: number, timeoutMs?: number): Promise<void>
  /** The one that leads, once exactly one says so, and the other. */
  leader(timeoutMs?: number): Promise<{ readonly leader: Member; readonly other: Member }>
}

export async function openStand(alerting: Record<string, unknown> = {}): Promise<Stand> {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-leadership-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const stores = stack.use(await startStores())
  const receiver = stack.use(await startReceiver())
  const states = new Map<DeviceId, boolean>(DEVICES.map((id) => [id, true]))
  const stopping = new AbortController()
  const writing = writePings(stores, states, stopping.signal)
  stack.defer(async () => {
    stopping.abort()
    await writing
  })

  async function openMember(name: string): Promise<Member> {
    const listen = `127.0.0.1:${await freePort()}`
    const ports = { redis: await freePort(), victoriametrics: await freePort() }
    const { port: vmPort } = new URL(stores.vmUrl)
    const ends = {
      redis: { path: stores.redisUrl.slice('unix://'.length) },
      victoriametrics: { host: '127.0.0.1', port: Number(vmPort) },
    }
    const links = new Map<Link, Forward>()
    const mend = async (link: Link): Promise<void> => {
      const from = { host: '127.0.0.1', port: ports[link] }
      if (!links.has(link)) links.set(link, await forward(from, ends[link]))
    }
    const cut = async (link: Link): Promise<void> => {
      await links.get(link)?.[Symbol.asyncDispose]()
      links.delete(link)
    }
    for (const link of ['redis', 'victoriametrics'] as const) {
      await mend(link)
      stack.defer(() => cut(link))
    }
    const config = join(folder, `${name}.yaml`)
    await writeFile(
      config,
      JSON.stringify({
        data_dir: join(folder, 'data'),
        inventory: { devices: DEVICES.map((id, n) => ({ id, address: `198.18.0.${n + 1}` })) },
        defaults: { ping: { interval: '1s', count: 1, timeout: '300ms', confirm: 2 } },
        victoriametrics: { url: `http://127.0.0.1:${ports.victoriametrics}` },
        redis: { url: `redis://127.0.0.1:${ports.redis}` },
        alerting: {
          listen,
          interval: '2s',
          availability_interval: '500ms',
          canary: false,
          flapping: { high: 100 },
          ...alerting,
        },
        receivers: [{ name: 'ops', webhook: { url: receiver.url, timeout: '2s' } }],
      }),
    )
    let process: WardlineProcess | undefined
    stack.defer(async () => {
      process?.kill('SIGCONT')
      await process?.[Symbol.asyncDispose]()
    })
    const health = async (): Promise<Record<string, unknown>> => {
      const answer = await fetch(`http://${listen}/health`, { signal: AbortSignal.timeout(1_000) })
      return (await answer.json()) as Record<string, unknown>
    }
    const leads = (): Promise<boolean> =>
      health().then(
        ({ role }) => role === 'leader',
        () => false,
      )
    return {
      name,
      url: `http://${listen}`,
      async start() {
        process = startWardline(['run', 'alerting', '--config', config])
        const answers = { timeoutMs: 60_000, what: `${name} to answer` }
        await waitFor(() => health().catch(() => null), answers).catch((error: unknown) => {
          throw new Error(process?.output(), { cause: error })
        })
      },
      signal: (signal) => process?.kill(signal),
      exited: async () => process?.exited ?? null,
      output: () => process?.output() ?? '',
      cut,
      mend,
      health,
      leads,
      leadsSince() {
        const lines = process?.output().split('\n') ?? []
        const line = lines.findLast((each) => each.includes('"msg":"this instance leads"')) ?? '{}'
        return Date.parse((JSON.parse(line) as { time?: string }).time ?? '')
      },
    }
  }

  const members = [await openMember('a'), await openMember('b')]
  const told = (device: DeviceId): string[] =>
    inShort(receiver.accepted())
      .filter((line) => line.endsWith(`DeviceDown ${device}`))
      .map((line) => line.replace(` DeviceDown ${device}`, ''))

  return {
    stores,
    receiver,
    members,
    set: (device, up) => void states.set(device, up),
    told,
    async toldOf(device, count, timeoutMs = 15_000) {
      const what = `${count} messages of ${device}: ${members.map((one) => one.output().slice(-1_500)).join('\n')}`
      await waitFor(() => told(device).length >= count, { timeoutMs, what })
    },
    async leader(timeoutMs = 20_000) {
      return waitFor(
        async () => {
          const leading = await Promise.all(members.map((member) => member.leads()))
          const [leader] = members.filter((_, index) => leading[index])
          const [other] = members.filter((_, index) => !leading[index])
          return leader !== undefined && other !== undefined ? { leader, other } : undefined
        },
        { timeoutMs, what: 'exactly one that leads' },
      )
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** What a collector writes: a probe of each device each second. */
async function writePings(
  { victoriaMetrics }: Stores,
  states: ReadonlyMap<DeviceId, boolean>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const at = Math.floor(Date.now() / 1000) * 1000
    const lines = Array.from(states, ([device, up]) =>
      encodeLine({
        measurement: 'ping',
        labels: { device, vantage: 'v' },
        fields: up ? { up: 1, rtt_seconds: 0.01 } : { up: 0 },
        at,
      }),
    )
    await victoriaMetrics.writeLines(lines.join('\n')).catch(() => {})
    await delay(at + 1_010 - Date.now(), undefined, { signal }).catch(() => {})
  }
}
