import { type Mib, type MibObject, createMib } from './mib.ts'
import { createRandom } from './random.ts'
import type { Value } from './snmp-packet.ts'

/** What an agent is asked to be. */
export type AgentSpec = {
  readonly address: string
  /** 161 unless told. */
  readonly port?: number
  /** Decides its counters, its MAC addresses and how long it has been up. */
  readonly seed: string
  readonly community: string
  readonly interfaces: number
  readonly name: string
  readonly description: string
  readonly objectId: string
}

/** A device behind an agent. Its values are a function of the seed, its boot and the instant: it has no timers. */
export type SimulatedDevice = {
  readonly spec: AgentSpec
  readonly interfaces: readonly Interface[]
  /** Unix milliseconds; a reboot sets it, and uptime and counters start from zero again. */
  bootedAt: number
}

type Flow = { readonly perSecond: number; readonly swing: number; readonly phase: number }
type Interface = {
  readonly name: string
  readonly description: string
  readonly alias: Buffer
  readonly mac: Buffer
  readonly administrativelyUp: boolean
  readonly connected: boolean
  readonly received: Flow
  readonly sent: Flow
}

const DAY_MS = 86_400_000
/** Traffic swings once in this time, so that a chart shows something within minutes. */
const SWING_MS = 600_000
const BYTES_PER_PACKET = 620

export function simulateDevice(spec: AgentSpec, now: number): SimulatedDevice {
  const random = createRandom(`agent:${spec.seed}`)
  return {
    spec,
    bootedAt: now - Math.round(random.spread(0.1, 400) * DAY_MS),
    interfaces: Array.from({ length: spec.interfaces }, (_, place) => createInterface(spec, place)),
  }
}

function createInterface(spec: AgentSpec, place: number): Interface {
  const random = createRandom(`interface:${spec.seed}:${place + 1}`)
  const flow = () => ({
    perSecond: Math.round(random.spread(800, 6_000_000)),
    swing: 0.2 + 0.6 * random.next(),
    phase: random.next() * 2 * Math.PI,
  })
  return {
    name: `Gi0/${place + 1}`,
    description: `GigabitEthernet0/${place + 1}`,
    alias: ALIASES[place % ALIASES.length] ?? Buffer.alloc(0),
    mac: Buffer.from([0x02, ...Array.from({ length: 5 }, () => random.integer(0, 255))]),
    administrativelyUp: place % 7 !== 6,
    connected: place % 5 !== 4,
    received: flow(),
    sent: flow(),
  }
}

/** What people and devices put there: other scripts, another encoding, a trailing NUL, quotes, nothing. */
const ALIASES: readonly Buffer[] = [
  Buffer.from('Uplink Magti 200M'),
  Buffer.from('მაგთი სარეზერვო'),
  Buffer.from('Zweigstelle Zürich', 'latin1'),
  Buffer.alloc(0),
  Buffer.from('"ATM", floor=1 \\ left'),
  Buffer.from('NVR\0'),
  Buffer.from('Wi-Fi 📶'),
  Buffer.from('paybox,\tkitchen'),
]

const mibs = new Map<number, Mib<SimulatedDevice>>()

/** system, IF-MIB's ifNumber, ifTable and ifXTable for this many interfaces. */
export function mibOf({ spec: { interfaces } }: SimulatedDevice): Mib<SimulatedDevice> {
  let mib = mibs.get(interfaces)
  if (mib === undefined) {
    mib = createMib([...systemObjects(), ...interfaceObjects(interfaces)])
    mibs.set(interfaces, mib)
  }
  return mib
}

type Read = MibObject<SimulatedDevice>['read']

function systemObjects(): MibObject<SimulatedDevice>[] {
  const scalars: Record<string, Read> = {
    '1.1': ({ spec }) => octets(spec.description),
    '1.2': ({ spec }) => ({ type: 'oid', value: spec.objectId }),
    '1.3': (device, now) => ({ type: 'timeticks', value: uptimeTicks(device, now) }),
    '1.4': () => octets('noc@example.com'),
    '1.5': ({ spec }) => octets(spec.name),
    '1.6': () => octets('in the lab'),
    '1.7': () => integer(72),
    '2.1': ({ spec }) => integer(spec.interfaces),
  }
  return Object.entries(scalars).map(([id, read]) => ({ oid: `1.3.6.1.2.1.${id}.0`, read }))
}

type ReadColumn = (port: Interface, elapsedMs: number, ifIndex: number) => Value

const isUp = (port: Interface): boolean => port.administrativelyUp && port.connected
const received: ReadColumn = (port, elapsedMs) => counter64(carried(port, port.received, elapsedMs))
const sent: ReadColumn = (port, elapsedMs) => counter64(carried(port, port.sent, elapsedMs))
const share =
  (of: 'received' | 'sent', part: number): ReadColumn =>
  (port, elapsedMs) =>
    counter64((carried(port, port[of], elapsedMs) / BYTES_PER_PACKET) * part)
const narrow =
  (wide: ReadColumn): ReadColumn =>
  (...args) => {
    const value = wide(...args)
    return value.type === 'counter64'
      ? { type: 'counter32', value: Number(value.value) % 2 ** 32 }
      : value
  }

const IF_TABLE: Record<number, ReadColumn> = {
  1: (_port, _elapsed, ifIndex) => integer(ifIndex),
  2: (port) => octets(port.description),
  3: () => integer(6),
  4: () => integer(1500),
  5: () => gauge(1_000_000_000),
  6: (port) => ({ type: 'octets', value: port.mac }),
  7: (port) => integer(port.administrativelyUp ? 1 : 2),
  8: (port) => integer(isUp(port) ? 1 : 2),
  9: () => ({ type: 'timeticks', value: 0 }),
  10: narrow(received),
  11: narrow(share('received', 0.97)),
  13: narrow(share('received', 0.000_01)),
  14: narrow(share('received', 0.000_002)),
  15: narrow(share('received', 0)),
  16: narrow(sent),
  17: narrow(share('sent', 0.97)),
  19: narrow(share('sent', 0.000_005)),
  20: narrow(share('sent', 0.000_001)),
}

const IF_X_TABLE: Record<number, ReadColumn> = {
  1: (port) => octets(port.name),
  2: narrow(share('received', 0.02)),
  3: narrow(share('received', 0.01)),
  4: narrow(share('sent', 0.02)),
  5: narrow(share('sent', 0.01)),
  6: received,
  7: share('received', 0.97),
  8: share('received', 0.02),
  9: share('received', 0.01),
  10: sent,
  11: share('sent', 0.97),
  12: share('sent', 0.02),
  13: share('sent', 0.01),
  14: () => integer(1),
  15: () => gauge(1000),
  16: () => integer(2),
  17: () => integer(1),
  18: (port) => ({ type: 'octets', value: port.alias }),
  19: () => ({ type: 'timeticks', value: 0 }),
}

function interfaceObjects(count: number): MibObject<SimulatedDevice>[] {
  const columns = [
    ...Object.entries(IF_TABLE).map(([id, read]) => [`1.3.6.1.2.1.2.2.1.${id}`, read] as const),
    ...Object.entries(IF_X_TABLE).map(
      ([id, read]) => [`1.3.6.1.2.1.31.1.1.1.${id}`, read] as const,
    ),
  ]
  return columns.flatMap(([column, read]) =>
    Array.from({ length: count }, (_, place) => ({
      oid: `${column}.${place + 1}`,
      read: ({ interfaces, bootedAt }: SimulatedDevice, now: number): Value => {
        const port = interfaces[place]
        if (port === undefined) return { type: 'noSuchInstance' }
        return read(port, Math.max(0, now - bootedAt), place + 1)
      },
    })),
  )
}

/** Bytes since the boot: a steady flow with a sine on it, integrated, so it only ever grows. */
function carried(port: Interface, { perSecond, swing, phase }: Flow, elapsedMs: number): number {
  if (!isUp(port)) return 0
  const turn = (2 * Math.PI) / SWING_MS
  const swung = (swing / turn) * (Math.cos(phase) - Math.cos(turn * elapsedMs + phase))
  return Math.floor((perSecond * (elapsedMs + swung)) / 1000)
}

const uptimeTicks = ({ bootedAt }: SimulatedDevice, now: number): number =>
  Math.floor(Math.max(0, now - bootedAt) / 10) % 2 ** 32

const octets = (text: string): Value => ({ type: 'octets', value: Buffer.from(text) })
const integer = (value: number): Value => ({ type: 'integer', value })
const gauge = (value: number): Value => ({ type: 'gauge32', value })
const counter64 = (value: number): Value => ({ type: 'counter64', value: Math.floor(value) })
