import { type Socket, createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { type Mib, type MibEntry, without } from './mib.ts'
import { type AgentSpec, type SimulatedDevice, mibOf, simulateDevice } from './simulated-device.ts'
import {
  type Binding,
  ERROR_STATUS,
  type Outcome,
  type Request,
  decodeRequest,
  encodeResponse,
} from './snmp-packet.ts'

/** How an agent behaves beyond its values. `community` differs from its spec's to refuse everybody. */
export type Behaviour = {
  readonly silent: boolean
  readonly delayMs: number
  readonly community: string
}

export type AgentChange = Partial<Behaviour> & {
  /** Uptime and counters start again from zero. */
  readonly reboot?: boolean
}

export type AgentCounts = {
  readonly requests: number
  readonly responses: number
  /** Not a request, or with another community: no answer. */
  readonly refused: number
}

/** SNMP agents (v1, v2c) on an address each, in this process. */
export type Agents = AsyncDisposable & {
  /** Resolves with the instant from which it holds; addresses without an agent are passed over. */
  change(addresses: Iterable<string>, change: AgentChange): Promise<number>
  counts(): Promise<AgentCounts>
}

/** What fits a datagram of Ethernet; a bulk answer is cut there, as real agents do. */
const MAX_RESPONSE_BYTES = 1472

type Agent = { readonly device: SimulatedDevice; readonly socket: Socket; behaviour: Behaviour }

export async function openAgents(specs: readonly AgentSpec[]): Promise<Agents> {
  const counts = { requests: 0, responses: 0, refused: 0 }
  const agents = new Map<string, Agent>()

  function receive(agent: Agent, packet: Buffer, port: number, address: string): void {
    counts.requests++
    const { silent, delayMs, community } = agent.behaviour
    if (silent) return
    const request = decodeRequest(packet)
    if (request === null || request.community !== community) {
      counts.refused++
      return
    }
    const send = () => {
      counts.responses++
      const { device } = agent
      agent.socket.send(respond(mibOf(device), device, request, Date.now()), port, address)
    }
    if (delayMs > 0) setTimeout(send, delayMs).unref()
    else send()
  }

  try {
    for (const spec of specs) {
      const socket = await bind(spec)
      const behaviour = { silent: false, delayMs: 0, community: spec.community }
      const agent: Agent = { device: simulateDevice(spec, Date.now()), socket, behaviour }
      agents.set(spec.address, agent)
      socket.on('message', (packet, from) => receive(agent, packet, from.port, from.address))
      socket.on('error', () => {}) // an answer that can't be sent is an answer lost
    }
  } catch (error) {
    for (const { socket } of agents.values()) socket.close()
    throw error
  }

  return {
    change(addresses, { reboot = false, ...behaviour }) {
      const at = Date.now()
      for (const address of addresses) {
        const agent = agents.get(address)
        if (agent === undefined) continue
        agent.behaviour = { ...agent.behaviour, ...behaviour }
        if (reboot) agent.device.bootedAt = at
      }
      return Promise.resolve(at)
    },
    counts: () => Promise.resolve({ ...counts }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...agents.values()].map(({ socket }) => closed(socket)))
      agents.clear()
    },
  }
}

function bind({ address, port = 161 }: AgentSpec): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) =>
      reject(new Error(`no SNMP agent on ${address}:${port}: ${cause.message}`, { cause })),
    )
    socket.bind(port, address, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.close(() => resolve())
  })

/** The answer of a device at `now`, as RFC 1157 and RFC 3416 have it. */
export function respond<Device>(
  mib: Mib<Device>,
  device: Device,
  request: Request,
  now: number,
): Buffer {
  const answer = request.operation === 'get-bulk' ? bulk : one
  const outcome = answer(mib, device, request, now)
  const response = encodeResponse(request, outcome)
  if (response.length <= MAX_RESPONSE_BYTES) return response
  if (request.operation !== 'get-bulk')
    return encodeResponse(request, failed(request, ERROR_STATUS.tooBig, 0))
  return encodeResponse(request, { ...outcome, bindings: cut(request, outcome.bindings) })
}

function one<Device>(mib: Mib<Device>, device: Device, request: Request, now: number): Outcome {
  const v1 = request.version === 'v1'
  const bindings: Binding[] = []
  for (const [place, oid] of request.oids.entries()) {
    const entry = request.operation === 'get' ? mib.find(oid) : mib.after(oid)
    const binding = v1
      ? readV1(device, mib, request.operation === 'get-next', entry, now)
      : entry === undefined
        ? without(oid, missing(mib, request, oid))
        : { name: entry.name, value: entry.read(device, now) }
    if (binding === undefined) return failed(request, ERROR_STATUS.noSuchName, place + 1)
    bindings.push(binding)
  }
  return { status: ERROR_STATUS.noError, index: 0, bindings }
}

/** SNMPv1 has no Counter64: GET says there is no such name, GETNEXT steps over it (RFC 3584 §4.2.2.1). */
function readV1<Device>(
  device: Device,
  mib: Mib<Device>,
  stepOver: boolean,
  entry: MibEntry<Device> | undefined,
  now: number,
): Binding | undefined {
  for (; entry !== undefined; entry = mib.after(entry.oid)) {
    const value = entry.read(device, now)
    if (value.type !== 'counter64') return { name: entry.name, value }
    if (!stepOver) return undefined
  }
  return undefined
}

function missing<Device>(
  mib: Mib<Device>,
  { operation }: Request,
  oid: string,
): 'noSuchObject' | 'noSuchInstance' | 'endOfMibView' {
  if (operation === 'get-next') return 'endOfMibView'
  return mib.hasType(oid) ? 'noSuchInstance' : 'noSuchObject'
}

/** The non-repeaters once, then row by row until everything has ended or more couldn't be sent anyway. */
function bulk<Device>(mib: Mib<Device>, device: Device, request: Request, now: number): Outcome {
  const bindings: Binding[] = []
  const step = (oid: string): string => {
    const entry = mib.after(oid)
    if (entry === undefined) bindings.push(without(oid, 'endOfMibView'))
    else bindings.push({ name: entry.name, value: entry.read(device, now) })
    return entry?.oid ?? oid
  }
  for (const oid of request.oids.slice(0, request.nonRepeaters)) step(oid)
  let row = request.oids.slice(request.nonRepeaters)
  for (let turn = 0; turn < request.maxRepetitions && row.length > 0; turn++) {
    const next = row.map(step)
    const ended = next.every((oid, column) => oid === row[column])
    if (ended || bindings.length * SMALLEST_BINDING_BYTES > MAX_RESPONSE_BYTES) break
    row = next
  }
  return { status: ERROR_STATUS.noError, index: 0, bindings }
}

const SMALLEST_BINDING_BYTES = 12

/** As many of the first bindings as fit; a binding's size doesn't depend on its neighbours. */
function cut(request: Request, bindings: readonly Binding[]): readonly Binding[] {
  const size = (count: number) =>
    encodeResponse(request, { status: 0, index: 0, bindings: bindings.slice(0, count) }).length
  let [fits, tooMany] = [0, bindings.length]
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >>> 1
    if (size(middle) <= MAX_RESPONSE_BYTES) fits = middle
    else tooMany = middle
  }
  return bindings.slice(0, fits)
}

function failed(request: Request, status: number, index: number): Outcome {
  return { status, index, bindings: request.oids.map((oid) => without(oid, 'null')) }
}
