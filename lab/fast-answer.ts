import { respond } from './agent.ts'
import { type Mib, type MibObject, createMib } from './mib.ts'
import { type Value, decodeRequest } from './snmp-packet.ts'

/**
 * Answers of agents that are alike, fast enough to load a poller: the answer to a question is made once, and from then
 * on its bytes are copied and only the request's id and the counters are written anew. So every counter keeps its width.
 */
export type Answerer = (packet: Buffer, agent: number, elapsedMs: number) => Buffer | null

type Template = {
  readonly bytes: Buffer
  readonly idAt: number
  readonly idLength: number
  /** Where values that move begin, and how each moves. */
  readonly moving: readonly { readonly at: number; readonly move: Move }[]
}

/** Four bytes of a value, at an instant and for an agent. */
type Move = (elapsedMs: number, salt: number) => number

/** Of each width, the smallest values that need all of it; 2^28 above them the width is the same. */
const WIDE = { counter32: 0x1000_0000, timeticks: 0x1000_0000, counter64: 0x4000_0000_0000 }
const MOVES: Readonly<Record<number, { readonly length: number; readonly move: Move }>> = {
  0x41: { length: 4, move: (ms, salt) => WIDE.counter32 + ((ms * 7 + salt) & 0x0fff_ffff) },
  0x43: { length: 4, move: (ms) => WIDE.timeticks + (Math.floor(ms / 10) & 0x0fff_ffff) },
  // The lower four bytes of six.
  0x46: { length: 6, move: (ms, salt) => (ms * 97 + salt) >>> 0 },
}
/** A walk asks a few questions for each row: more than these come from somebody who makes them up. */
const MOST_TEMPLATES = 20_000

export function createAnswerer({
  interfaces,
  community,
}: {
  interfaces: number
  community: string
}): Answerer {
  const mib = createMib(objectsOf(interfaces))
  const templates = new Map<string, Template | null>()
  return (packet, agent, elapsedMs) => {
    const id = findRequestId(packet)
    if (id === null) return null
    const question =
      packet.toString('latin1', 0, id.at) + packet.toString('latin1', id.at + id.length)
    let template = templates.get(question)
    if (template === undefined) {
      if (templates.size >= MOST_TEMPLATES) templates.clear()
      template = createTemplate(mib, community, packet, id)
      templates.set(question, template)
    }
    return template === null ? null : fill(template, packet, id.at, agent, elapsedMs)
  }
}

function fill(
  { bytes, idAt, idLength, moving }: Template,
  packet: Buffer,
  requestIdAt: number,
  agent: number,
  elapsedMs: number,
): Buffer {
  const answer = Buffer.allocUnsafe(bytes.length)
  bytes.copy(answer)
  packet.copy(answer, idAt, requestIdAt, requestIdAt + idLength)
  let salt = agent * 7919
  for (const { at, move } of moving) {
    answer.writeUInt32BE(move(elapsedMs, (salt += 1009)), at)
  }
  return answer
}

function createTemplate(
  mib: Mib<null>,
  community: string,
  packet: Buffer,
  id: Place,
): Template | null {
  // An id in as few bytes as it has: the answer's is as long then.
  const asked = Buffer.from(packet).fill(0x40, id.at, id.at + id.length)
  const request = decodeRequest(asked)
  if (request === null || request.community !== community) return null
  const bytes = respond(mib, null, request, 0)
  const place = findRequestId(bytes)
  if (place === null) return null
  return { bytes, idAt: place.at, idLength: place.length, moving: findMoving(bytes, place) }
}

type Place = { readonly at: number; readonly length: number }

/** Where the content of the element at `at` is; null past the end. */
function contentOf(bytes: Buffer, at: number): Place | null {
  const first = bytes[at + 1]
  if (first === undefined) return null
  if (first < 0x80) return { at: at + 2, length: first }
  const octets = first & 0x7f
  if (octets < 1 || octets > 3 || at + 2 + octets > bytes.length) return null
  return { at: at + 2 + octets, length: bytes.readUIntBE(at + 2, octets) }
}

/** Message { version, community, PDU { request-id … */
function findRequestId(packet: Buffer): Place | null {
  const message = contentOf(packet, 0)
  const version = message && contentOf(packet, message.at)
  const community = version && contentOf(packet, version.at + version.length)
  const pdu = community && contentOf(packet, community.at + community.length)
  const id = pdu && contentOf(packet, pdu.at)
  return id !== null && id.at + id.length <= packet.length ? id : null
}

function findMoving(bytes: Buffer, id: Place): Template['moving'] {
  const moving: { at: number; move: Move }[] = []
  // After the id two integers, then the list of bindings.
  let next = id.at + id.length
  for (let element = 0; element < 2; element++) {
    const integer = contentOf(bytes, next)
    if (integer === null) return []
    next = integer.at + integer.length
  }
  const list = contentOf(bytes, next)
  for (let at = list?.at ?? bytes.length; at < bytes.length;) {
    const binding = contentOf(bytes, at)
    const name = binding && contentOf(bytes, binding.at)
    if (binding === null || name === null) break
    const valueAt = name.at + name.length
    const value = contentOf(bytes, valueAt)
    const motion = MOVES[bytes[valueAt] ?? 0]
    if (value !== null && motion?.length === value.length) {
      moving.push({ at: value.at + value.length - 4, move: motion.move })
    }
    at = binding.at + binding.length
  }
  return moving
}

const integer = (value: number): Value => ({ type: 'integer', value })
const gauge = (value: number): Value => ({ type: 'gauge32', value })
const octets = (text: string): Value => ({ type: 'octets', value: Buffer.from(text) })
const counter32: Value = { type: 'counter32', value: WIDE.counter32 }
const counter64: Value = { type: 'counter64', value: WIDE.counter64 }

type Column = (ifIndex: number) => Value

const IF_TABLE: Readonly<Record<number, Column>> = {
  1: integer,
  2: (ifIndex) => octets(`GigabitEthernet0/${ifIndex}`),
  3: () => integer(6),
  4: () => integer(1500),
  5: () => gauge(1_000_000_000),
  6: (ifIndex) => ({ type: 'octets', value: Buffer.from([2, 0, 0, 0, 0, ifIndex & 0xff]) }),
  7: (ifIndex) => integer(ifIndex % 7 === 0 ? 2 : 1),
  8: (ifIndex) => integer(ifIndex % 5 === 0 ? 2 : 1),
  9: () => ({ type: 'timeticks', value: 0 }),
  ...counters([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], counter32),
}

const IF_X_TABLE: Readonly<Record<number, Column>> = {
  1: (ifIndex) => octets(`Gi0/${ifIndex}`),
  ...counters([2, 3, 4, 5], counter32),
  ...counters([6, 7, 8, 9, 10, 11, 12, 13], counter64),
  14: () => integer(1),
  15: () => gauge(1000),
  16: () => integer(2),
  17: () => integer(1),
  18: (ifIndex) => octets(`to branch ${ifIndex}`),
  19: () => ({ type: 'timeticks', value: 0 }),
}

function counters(places: readonly number[], value: Value): Record<number, Column> {
  return Object.fromEntries(places.map((place) => [place, () => value]))
}

/** system, ifNumber, ifTable and ifXTable. */
function objectsOf(interfaces: number): MibObject<null>[] {
  const scalars: Record<string, Value> = {
    '1.1': octets('an agent to be polled fast'),
    '1.2': { type: 'oid', value: '1.3.6.1.4.1.9.1.2068' },
    '1.3': { type: 'timeticks', value: WIDE.timeticks },
    '1.4': octets('noc@example.com'),
    '1.5': octets('fast'),
    '1.6': octets('in the lab'),
    '1.7': integer(72),
    '2.1': integer(interfaces),
  }
  const columns = [
    ...Object.entries(IF_TABLE).map(([id, read]) => [`1.3.6.1.2.1.2.2.1.${id}`, read] as const),
    ...Object.entries(IF_X_TABLE).map(
      ([id, read]) => [`1.3.6.1.2.1.31.1.1.1.${id}`, read] as const,
    ),
  ]
  return [
    ...Object.entries(scalars).map(([id, value]) => ({
      oid: `1.3.6.1.2.1.${id}.0`,
      read: () => value,
    })),
    ...columns.flatMap(([column, read]) =>
      Array.from({ length: interfaces }, (_, place) => {
        const value = read(place + 1)
        return { oid: `${column}.${place + 1}`, read: () => value }
      }),
    ),
  ]
}
