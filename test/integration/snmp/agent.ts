import { type RemoteInfo, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { compareOids } from '../../../collector/snmp/protocol/oid.ts'
import {
  ERROR_STATUS,
  type Outcome,
  type Request,
  type Value,
  decodeRequest,
  encodeOid,
  encodeResponse,
} from '../../../lab/snmp-packet.ts'

/** What an agent knows, in the order of its OIDs. */
export type Mib = readonly { readonly oid: string; readonly value: Value }[]

export type Reply = {
  readonly packet: Buffer
  readonly afterMs?: number
  /** From another port than the one that was asked. */
  readonly elsewhere?: boolean
}

/** What to send back for a request, given what an honest agent would; `number` counts its requests from 1. */
export type Behave = (request: Request, honest: Outcome, number: number) => readonly Reply[]

export type Agent = AsyncDisposable & {
  readonly address: string
  readonly port: number
  /** Every request that came with its community, whatever was answered; instants are Unix milliseconds. */
  readonly requests: readonly { readonly request: Request; readonly at: number }[]
  /** From now on. */
  become(behave: Behave): void
}

const PACKET_BYTES = 1472

export const honestly: Behave = (request, outcome) => [{ packet: encodeResponse(request, outcome) }]
export const silently: Behave = () => []

/** An SNMP agent (v1, v2c) that answers as it is told: unlike the lab's, also what no agent should. */
export async function startAgent({
  address = '127.0.0.1',
  port = 0,
  community = 'public',
  mib,
  behave = honestly,
}: {
  address?: string
  port?: number
  community?: string
  mib: Mib
  behave?: Behave
}): Promise<Agent> {
  const sockets = [port, 0].map((wanted) =>
    createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(wanted, address),
  )
  await Promise.all(sockets.map((socket) => once(socket, 'listening')))
  const [asked, other] = sockets
  if (asked === undefined || other === undefined) throw new Error('unreachable')
  const requests: { request: Request; at: number }[] = []
  let current = behave
  let isOpen = true

  asked.on('message', (packet: Buffer, from: RemoteInfo) => {
    const request = decodeRequest(packet)
    if (request === null || request.community !== community) return
    requests.push({ request, at: Date.now() })
    const replies = current(request, answerOf(mib, request), requests.length)
    for (const { packet: reply, afterMs = 0, elsewhere = false } of replies) {
      const send = (): void => {
        if (isOpen) (elsewhere ? other : asked).send(reply, from.port, from.address)
      }
      if (afterMs === 0) send()
      else setTimeout(send, afterMs)
    }
  })

  return {
    address,
    port: asked.address().port,
    requests,
    become: (next) => void (current = next),
    async [Symbol.asyncDispose]() {
      isOpen = false
      await Promise.all(
        sockets.map((socket) => {
          socket.close()
          return once(socket, 'close')
        }),
      )
    },
  }
}

/** An honest agent's answer. */
export function answerOf(mib: Mib, request: Request): Outcome {
  if (request.operation === 'get-bulk') return bulk(mib, request)
  const isV1 = request.version === 'v1'
  const bindings = []
  for (const [place, oid] of request.oids.entries()) {
    const isHidden = (entry: Mib[number] | undefined): boolean =>
      isV1 && entry?.value.type === 'counter64'
    let found = request.operation === 'get' ? at(mib, oid) : after(mib, oid)
    if (request.operation === 'get' && isHidden(found)) found = undefined
    while (found !== undefined && isHidden(found)) found = after(mib, found.oid)
    if (found === undefined && isV1) return refusal(request, ERROR_STATUS.noSuchName, place + 1)
    const missing = request.operation === 'get' ? 'noSuchInstance' : 'endOfMibView'
    bindings.push(binding(found ?? { oid, value: { type: missing } }))
  }
  return { status: 0, index: 0, bindings }
}

/** An error status; the bindings are the request's. */
export function refusal(request: Request, status: number, index: number): Outcome {
  const bindings = request.oids.map((oid) => binding({ oid, value: { type: 'null' } }))
  return { status, index, bindings }
}

function bulk(mib: Mib, request: Request): Outcome {
  const bindings = []
  let oids = request.oids
  let bytes = 60
  for (let repetition = 0; repetition < request.maxRepetitions; repetition++) {
    const row = oids.map(
      (oid) =>
        after(mib, oid) ?? {
          oid,
          value: { type: 'endOfMibView' } as const,
        },
    )
    for (const entry of row) {
      const encoded = binding(entry)
      bytes += encoded.name.length + sizeOf(entry.value) + 6
      if (bytes > PACKET_BYTES) return { status: 0, index: 0, bindings }
      bindings.push(encoded)
    }
    oids = row.map(({ oid }) => oid)
  }
  return { status: 0, index: 0, bindings }
}

/** Where the first entry stands whose OID isn't before this one. */
function placeOf(mib: Mib, oid: string): number {
  let [from, to] = [0, mib.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (compareOids(mib[middle]?.oid ?? '', oid) < 0) from = middle + 1
    else to = middle
  }
  return from
}

function at(mib: Mib, oid: string): Mib[number] | undefined {
  const entry = mib[placeOf(mib, oid)]
  return entry?.oid === oid ? entry : undefined
}

function after(mib: Mib, oid: string): Mib[number] | undefined {
  const place = placeOf(mib, oid)
  return mib[place]?.oid === oid ? mib[place + 1] : mib[place]
}

export const binding = ({ oid, value }: Mib[number]) => ({ name: encodeOid(oid), value })

const sizeOf = (value: Value): number => (value.type === 'octets' ? value.value.length : 9)

const octets = (text: string): Value => ({ type: 'octets', value: Buffer.from(text) })

/** The five scalars and a table of interfaces; 32-bit counters hold the low half of the 64-bit ones. */
export function mibOf({
  name,
  interfaces = 0,
  isWide = () => true,
}: {
  name: string
  interfaces?: number
  /** Whether this interface has 64-bit counters. */
  isWide?: (index: number) => boolean
}): Mib {
  const rows = Array.from({ length: interfaces }, (_, i) => i + 1)
  const total = (index: number): bigint => 2n ** 40n + BigInt(index)
  const low = (index: number): number => Number(total(index) % 2n ** 32n)
  const column = (oid: string, value: (index: number) => Value, of = rows): Mib =>
    of.map((index) => ({ oid: `${oid}.${index}`, value: value(index) }))
  const [ifEntry, ifXEntry] = ['1.3.6.1.2.1.2.2.1', '1.3.6.1.2.1.31.1.1.1']
  return [
    { oid: '1.3.6.1.2.1.1.1.0', value: octets(`Agent of a test, ${name}`) },
    { oid: '1.3.6.1.2.1.1.2.0', value: { type: 'oid', value: '1.3.6.1.4.1.8072.3.2.10' } as const },
    { oid: '1.3.6.1.2.1.1.3.0', value: { type: 'timeticks', value: 123_456 } as const },
    { oid: '1.3.6.1.2.1.1.5.0', value: octets(name) },
    { oid: '1.3.6.1.2.1.2.1.0', value: { type: 'integer', value: interfaces } as const },
    ...column(`${ifEntry}.2`, (index) => octets(`GigabitEthernet0/${index}`)),
    ...column(`${ifEntry}.7`, () => ({ type: 'integer', value: 1 })),
    ...column(`${ifEntry}.8`, (index) => ({ type: 'integer', value: index === 1 ? 2 : 1 })),
    ...[10, 11, 13, 14, 16, 17, 19, 20].flatMap((number) =>
      column(`${ifEntry}.${number}`, (index) => ({ type: 'counter32', value: low(index) })),
    ),
    ...column(`${ifXEntry}.1`, (index) => octets(`Gi0/${index}`)),
    ...[6, 7, 10, 11].flatMap((number) =>
      column(
        `${ifXEntry}.${number}`,
        (index) => ({ type: 'counter64', value: total(index) }),
        rows.filter(isWide),
      ),
    ),
    ...column(`${ifXEntry}.15`, () => ({ type: 'gauge32', value: 1000 })),
    ...column(`${ifXEntry}.18`, (index) => octets(`uplink ${index}`)),
  ].sort((a, b) => compareOids(a.oid, b.oid))
}
