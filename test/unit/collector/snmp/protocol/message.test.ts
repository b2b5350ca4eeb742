import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  PDU,
  type Response,
  encodeQuestion,
  encodeRequest,
  readHeader,
  readResponse,
} from '../../../../../collector/snmp/protocol/message.ts'
import { TAG, type Varbind } from '../../../../../collector/snmp/protocol/varbind.ts'
import {
  type Outcome,
  type Value,
  decodeRequest,
  encodeOid,
  encodeResponse,
} from '../../../../../lab/snmp-packet.ts'

/** The other codec, asn1-ber's, is the referee. */
const responseTo = (
  bindings: readonly { oid: string; value: Value }[],
  { status = 0, index = 0, requestId = 77 }: Partial<Outcome & { requestId: number }> = {},
): Buffer =>
  encodeResponse(
    {
      version: 'v2c',
      community: 'public',
      operation: 'get',
      requestId,
      nonRepeaters: 0,
      maxRepetitions: 0,
      oids: [],
    },
    {
      status,
      index,
      bindings: bindings.map(({ oid, value }) => ({ name: encodeOid(oid), value })),
    },
  )

function read(packet: Buffer, asked: readonly string[], most = asked.length): Response | null {
  const header = readHeader(packet)
  return header === null ? null : readResponse(packet, header, encodeQuestion(asked), most)
}

const arc = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 2 ** 31, 2 ** 32 - 1),
)
const oid = fc
  .tuple(
    // asn1-ber takes the first two arcs for one byte, and divides it by 40.
    fc.constantFrom('0.0', '0.39', '1.0', '1.3', '1.39', '2.5', '2.39'),
    fc.array(arc, { maxLength: 40 }),
  )
  .map(([root, arcs]) => [root, ...arcs].join('.'))

describe('a request', () => {
  test('is what another codec reads', () => {
    fc.assert(
      fc.property(
        fc.array(oid, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(PDU.get, PDU.getNext, PDU.getBulk),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.integer({ min: 1, max: 200 }),
        fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
        (oids, pdu, id, repetitions, community) => {
          const isBulk = pdu === PDU.getBulk
          const packet = encodeRequest({
            version: 1,
            community: Buffer.from(community),
            pdu,
            id,
            repetitions: isBulk ? repetitions : 0,
            question: encodeQuestion(oids),
          })
          expect(decodeRequest(packet)).toEqual({
            version: 'v2c',
            community,
            operation: { [PDU.get]: 'get', [PDU.getNext]: 'get-next', [PDU.getBulk]: 'get-bulk' }[
              pdu
            ],
            requestId: id,
            nonRepeaters: 0,
            maxRepetitions: isBulk ? repetitions : 0,
            oids,
          })
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

/** What another codec writes, and what is to be read from it. */
const value: fc.Arbitrary<[Value, Varbind['value']]> = fc.oneof(
  fc
    .integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    .map((value): [Value, number] => [{ type: 'integer', value }, value]),
  fc
    .tuple(
      fc.constantFrom('counter32' as const, 'gauge32' as const, 'timeticks' as const),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    )
    .map(([type, value]): [Value, number] => [{ type, value }, value]),
  fc
    .bigInt({ min: 0n, max: 2n ** 64n - 1n })
    .map((value): [Value, number] => [{ type: 'counter64', value }, Number(value)]),
  fc.uint8Array({ maxLength: 300 }).map((bytes): [Value, Buffer] => {
    const value = Buffer.from(bytes)
    return [{ type: 'octets', value }, value]
  }),
  oid.map((value): [Value, string] => [{ type: 'oid', value }, value]),
  fc
    .constantFrom('null', 'noSuchObject', 'noSuchInstance', 'endOfMibView')
    .map((type): [Value, null] => [{ type } as Value, null]),
)

describe('a response', () => {
  test('of another codec is read whole, whatever OIDs were asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(oid, value), { maxLength: 30 }),
        fc.array(oid, { minLength: 1, maxLength: 5 }),
        (cells, asked) => {
          const packet = responseTo(cells.map(([at, [written]]) => ({ oid: at, value: written })))
          expect(
            read(packet, asked, 30)?.bindings.map(({ oid: at, value: got }) => [at, got]),
          ).toEqual(cells.map(([at, [, expected]]) => [at, expected]))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('of a table is read row by row: each OID begins as the one above it', () => {
    const table = fc.tuple(
      fc.uniqueArray(oid, { minLength: 1, maxLength: 6 }),
      fc.array(fc.array(arc, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
    )
    fc.assert(
      fc.property(table, ([columns, indexes]) => {
        const oids = indexes.flatMap((index) => columns.map((base) => [base, ...index].join('.')))
        const packet = responseTo(
          oids.map((at, i) => ({ oid: at, value: { type: 'integer', value: i } })),
        )
        const bindings = read(packet, columns, oids.length)?.bindings
        expect(bindings?.map((cell) => cell.oid)).toEqual(oids)
      }),
      { numRuns: 1_000 },
    )
  })

  test('with an error tells status and place', () => {
    const packet = responseTo([{ oid: '1.3.6', value: { type: 'null' } }], { status: 2, index: 1 })
    expect(read(packet, ['1.3.6'])).toMatchObject({ status: 2, index: 1 })
  })

  test('with more bindings than were asked for is read as far as was asked', () => {
    const cells = [1, 2, 3].map((i) => ({ oid: `1.3.${i}`, value: { type: 'null' } as const }))
    expect(read(responseTo(cells), ['1.3.1'])?.bindings).toHaveLength(1)
  })

  test('without any binding is none', () => {
    expect(read(responseTo([]), ['1.3.1'])?.bindings).toEqual([])
  })

  test('keeps nothing of the packet', () => {
    const octets = { type: 'octets', value: Buffer.from('sw-1') } as const
    const packet = responseTo([{ oid: '1.3.6', value: octets }])
    const text = read(packet, ['1.3.6'])?.bindings[0]?.value
    packet.fill(0)
    expect(String(text)).toBe('sw-1')
  })
})

/** A response of one binding whose value is these bytes, under this tag. */
function valueOf(type: number, hex: string): Varbind['value'] | undefined {
  const content = Buffer.from(hex, 'hex')
  const packet = responseTo([{ oid: '1.3.6', value: { type: 'octets', value: content } }])
  packet[packet.length - content.length - 2] = type
  return read(packet, ['1.3.6'])?.bindings[0]?.value
}

describe('a value as agents write it', () => {
  test.each([
    ['an integer of one byte', TAG.integer, 'ff', -1],
    ['an integer of 5 bytes', TAG.integer, '00ffffffff', 4_294_967_295],
    ['an integer of 8 bytes', TAG.integer, 'ffffffffffffff80', -128],
    ['a counter with its leading zero', TAG.counter32, '00fffffffe', 4_294_967_294],
    ['a counter without it', TAG.counter32, 'fffffffe', 4_294_967_294],
    ['a counter as a negative number of one byte', TAG.counter32, 'ff', 4_294_967_295],
    ['a gauge in 8 bytes', TAG.gauge32, '00000000fffffff0', 4_294_967_280],
    ['TimeTicks past 2^31', TAG.timeTicks, '80000000', 2_147_483_648],
    ['an obsolete UInteger32', 0x47, '0080', 128],
    ['a Counter64 of no more than one byte', TAG.counter64, '80', 128],
    ['a Counter64 at 2^53 + 1', TAG.counter64, '20000000000001', 2 ** 53],
    ['a Counter64 at its end', TAG.counter64, 'ffffffffffffffff', 2 ** 64],
    ['a Counter64 with its leading zero', TAG.counter64, '00ffffffffffffffff', 2 ** 64],
    ['a Counter64 past its end', TAG.counter64, '01ffffffffffffffff', null],
    ['a boolean', TAG.boolean, 'ff', 1],
    ['an address', TAG.ipAddress, 'c0000201', Buffer.from([192, 0, 2, 1])],
    ['an Opaque', TAG.opaque, '9f780442280000', Buffer.from('9f780442280000', 'hex')],
    ['bits of RFC 1442', 0x03, '0080', Buffer.from([0, 0x80])],
    ['an OID', TAG.oid, '2b060104018fff7f', '1.3.6.1.4.1.262143'],
    ['an OID with its first arc past 39', TAG.oid, '883703', '2.999.3'],
    ['an OID that is cut in an arc', TAG.oid, '2b0681', null],
    ['an OID with an arc past 2^32', TAG.oid, '2b9080808000', null],
    ['an OID without arcs', TAG.oid, '', null],
    ['an integer without bytes', TAG.integer, '', null],
    ['a counter without bytes', TAG.counter32, '', null],
    ['a counter of too many bytes', TAG.counter32, '00000000000000000001', null],
    ['no such object', TAG.noSuchObject, '', null],
    ['a type that there is none of', 0x5f, '01', null],
  ])('%s', (_what, type, hex, expected) => {
    expect(valueOf(type, hex)).toEqual(expected)
  })
})

const cells = Array.from({ length: 12 }, (_, i) => ({
  oid: `1.3.6.1.2.1.2.2.1.${10 + (i % 3)}.${1 + Math.floor(i / 3)}`,
  value: [
    { type: 'counter64', value: 2n ** 63n + BigInt(i) },
    { type: 'octets', value: Buffer.from('GigabitEthernet0/1') },
    { type: 'oid', value: '1.3.6.1.4.1.9.1.1208' },
    { type: 'integer', value: -i },
  ][i % 4] as Value,
}))
const ASKED = ['1.3.6.1.2.1.2.2.1.10', '1.3.6.1.2.1.2.2.1.11', '1.3.6.1.2.1.2.2.1.12']
const good = responseTo(cells)

describe('a packet that is none of ours', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('HTTP/1.1 400 Bad Request')],
    ['a message that was cut off', good.subarray(0, good.length - 1)],
    ['an indefinite length', changed(good, 1, 0x80)],
    ['a length of more bytes than there are', changed(good, 1, 0xff)],
    ['a length of more than a datagram holds', Buffer.from('3084ffffffff0201', 'hex')],
  ])('%s is no message', (_what, packet) => {
    expect(readHeader(packet)).toBeNull()
  })

  test('bytes behind a message are allowed: some agents pad', () => {
    expect(read(Buffer.concat([good, Buffer.alloc(4)]), ASKED, 12)).toEqual(read(good, ASKED, 12))
  })

  test('a v3 message is known by its version alone', () => {
    expect(readHeader(Buffer.from('3003020103', 'hex'))?.version).toBe(3)
  })

  test('its inside cut anywhere is no response (E2)', () => {
    const header = readHeader(good)
    if (header === null) throw new Error('the packet is good')
    for (let restEnd = header.restAt; restEnd < header.restEnd; restEnd++) {
      const cut = readResponse(good, { ...header, restEnd }, encodeQuestion(ASKED), 12)
      expect(cut).toBeNull()
    }
  })

  test('no damage makes the reader throw, hang or leave the packet: 100,000 packets (E2)', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
    const packets = fc.array(fc.tuple(damage, fc.option(fc.nat(), { freq: 3 })), {
      minLength: 100,
      maxLength: 100,
    })
    const question = encodeQuestion(ASKED)
    let readable = 0
    fc.assert(
      fc.property(packets, (all) => {
        for (const [changes, length] of all) {
          const packet = Buffer.from(good)
          for (const [at, byte] of changes) packet[at % packet.length] = byte
          const header = readHeader(length === null ? packet : packet.subarray(0, length % 300))
          if (header === null || header.version === 3) continue
          const response = readResponse(packet, header, question, 12)
          if (response === null) continue
          readable++
          if (response.bindings.length > 12) return false
        }
        return true
      }),
      { numRuns: 1_000 },
    )
    // Most changes hit a value: the reader was really inside.
    expect(readable).toBeGreaterThan(10_000)
  }, 60_000)

  test('no bytes at all make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const packet = Buffer.from([0x30, 0x81, bytes.length, 2, 1, 1, 4, 0, 0xa2, ...bytes])
        const header = readHeader(packet)
        if (header !== null) readResponse(packet, header, encodeQuestion(ASKED), 12)
      }),
      { numRuns: 5_000 },
    )
  })
})

/** The same packet with one byte changed. */
function changed(packet: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = byte
  return copy
}
