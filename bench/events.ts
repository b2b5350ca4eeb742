import { once } from 'node:events'
import { type ClientRequest, Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../lab/random.ts'
import { castOf } from '../lab/script.ts'
import type { Network } from '../lab/network.ts'
import { createLog } from '../lib/log.ts'
import { connectRedis } from '../lib/redis.ts'
import { CHANNELS } from '../lib/service.ts'
import { type Measurement, percentile, round } from './measurement.ts'
import { type Rig, openRig } from './rig.ts'
import { readUsage } from './usage.ts'

/** Many open event streams: how long a change of status takes to reach all of them, and what holding them costs. */
export const events: Measurement<{
  readonly devices: number
  readonly streams: number
  readonly outages: number
  readonly minutes: number
}> = {
  title: 'Events: from a status that is written to the last of many open streams, and their memory',
  defaults: { devices: 876, streams: 500, outages: 30, minutes: 3 },
  async run({ devices, streams, outages, minutes }, { network, say }) {
    say(`${devices} devices: starting`)
    await using rig = await openRig({ devices, intervalSeconds: 10 })
    await delay(60_000) // SNMP has polled everything once, and wardline's start is over
    const alone = await usageOver(rig, 20_000)

    say(`opening ${streams} streams`)
    using readers = openReaders(rig.apiUrl, streams)
    await readers.open
    await delay(60_000) // what opening them cost is over
    const before = await usageOver(rig, 20_000)
    say(`${outages} outages`)
    const reached = await measureOutages(rig, network, readers, outages)
    say(`holding them for ${minutes} more minutes`)
    await delay(minutes * 60_000)
    const after = await usageOver(rig, 20_000)

    const toFirst = reached.map(({ first }) => first / 1000)
    const toLast = reached.map(({ last }) => last / 1000)
    const row = (what: string, seconds: readonly number[]) => [
      what,
      seconds.length,
      ...[0.5, 0.99, 1].map((share) => round(percentile(seconds, share), 3)),
    ]
    const usage = (what: string, { rssMb, cpu }: Use) => [what, round(rssMb), round(cpu, 2)]
    return {
      tables: [
        {
          title: `A status is written → ${streams} streams`,
          columns: ['to', 'changes', 'p50 s', 'p99 s', 'max s'],
          rows: [row('the first stream', toFirst), row('the last stream', toLast)],
        },
        {
          title: 'wardline, all services in one process',
          columns: ['', 'RSS MB', 'CPU s a minute'],
          rows: [
            usage('without streams', alone),
            usage(`${streams} streams, before the outages`, before),
            usage(`${streams} streams, at the end`, after),
          ],
        },
      ],
      bounds: [
        {
          what: `change → the last of ${streams} streams, worst`,
          unit: 's',
          kind: 'most',
          bound: 1,
          measured: round(Math.max(...toLast), 3),
        },
        {
          what: 'changes that reached every stream',
          unit: '',
          kind: 'least',
          bound: outages,
          measured: reached.length,
        },
        {
          what: 'memory while they are held',
          unit: 'MB',
          kind: 'most',
          bound: 15,
          measured: round(after.rssMb - before.rssMb),
        },
        {
          what: 'streams that are open at the end',
          unit: '',
          kind: 'least',
          bound: streams,
          measured: readers.count,
        },
      ],
    }
  },
}

type Use = { readonly rssMb: number; readonly cpu: number }

async function usageOver({ pids }: Rig, ms: number): Promise<Use> {
  const from = await readUsage(pids.wardline)
  await delay(ms)
  const to = await readUsage(pids.wardline)
  return {
    rssMb: to.rssBytes / 1e6,
    cpu: ((to.cpuSeconds - from.cpuSeconds) * 60_000) / ms,
  }
}

type Readers = Disposable & {
  /** Resolves once each has had its first event. */
  readonly open: Promise<void>
  readonly count: number
  /** When each stream told for the first time that the device isn't up any more. */
  toldOf(device: string): readonly number[]
}

function openReaders(origin: string, streams: number): Readers {
  const told = new Map<string, Map<number, number>>()
  const agent = new Agent({ maxSockets: Infinity, keepAlive: false })
  const opened = Promise.withResolvers<void>()
  const requests: ClientRequest[] = []
  let started = 0
  let count = 0

  function hear(stream: number, event: string, at: number): void {
    if (!event.includes('event: status\n')) return
    const data = /^data: (.*)$/m.exec(event)?.[1] ?? '{}'
    const { devices } = JSON.parse(data) as { devices: { id: string; down_since: string | null }[] }
    for (const { id, down_since: since } of devices) {
      if (since === null) continue
      const times = told.get(id) ?? new Map<number, number>()
      told.set(id, times)
      // Its alert, later on, is another change of the same device.
      if (!times.has(stream)) times.set(stream, at)
    }
  }

  for (let index = 0; index < streams; index++) {
    const request = get(`${origin}/api/v1/events`, { agent }, (response) => {
      let text = ''
      let isStarted = false
      count++
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const at = Date.now()
        const parts = (text + chunk).split('\n\n')
        text = parts.pop() ?? ''
        for (const part of parts) hear(index, part, at)
        if (isStarted) return
        isStarted = true
        if (++started === streams) opened.resolve()
      })
      response.on('close', () => count--)
    })
    request.on('error', () => {}) // a stream that ends is counted
    requests.push(request)
  }
  return {
    open: opened.promise,
    get count() {
      return count
    },
    toldOf: (device) => [...(told.get(device)?.values() ?? [])],
    [Symbol.dispose]() {
      for (const request of requests) request.destroy()
      agent.destroy()
    },
  }
}

type Reached = { readonly first: number; readonly last: number }

/** One device after the other falls silent. Counted are those whose outage every stream told. */
async function measureOutages(
  rig: Rig,
  network: Network,
  readers: Readers,
  outages: number,
): Promise<Reached[]> {
  using stack = new DisposableStack()
  const redis = connectRedis(rig.redisUrl, createLog('silent'))
  stack.defer(() => redis.disconnect())
  if (redis.status !== 'ready') await once(redis, 'ready')
  const written = new Map<string, number>()
  redis.on('message', (_channel: string, message: string) => {
    const at = Date.now()
    const changes = JSON.parse(message) as { device: string; status: string }[]
    for (const { device, status } of changes) {
      if (status !== 'up' && !written.has(device)) written.set(device, at)
    }
  })
  await redis.subscribe(CHANNELS.statuses)
  const random = createRandom('events')
  const { alone } = castOf(rig.fleet.devices)
  const parents = new Set(rig.fleet.devices.flatMap((device) => device.parents ?? []))
  const leaves = random.shuffle(alone.filter((id) => !parents.has(id))).slice(0, outages)
  const addressOf = new Map(rig.fleet.devices.map(({ id, address }) => [id, address]))
  for (const id of leaves) {
    await network.down([addressOf.get(id) ?? ''])
    await delay(2_000)
  }
  await delay(20_000)
  await network.clear()
  return leaves.flatMap((id) => {
    const at = written.get(id)
    const times = readers.toldOf(id)
    if (at === undefined || times.length < readers.count) return []
    return [{ first: Math.min(...times) - at, last: Math.max(...times) - at }]
  })
}
