import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Asked, judge, readHeader } from '../../../../collector/snmp/guard.ts'
import { encodeResponse } from '../../../../lab/snmp-packet.ts'

const response = ({
  version = 'v2c',
  community = 'public',
  requestId = 77,
}: {
  version?: 'v1' | 'v2c'
  community?: string
  requestId?: number
} = {}): Buffer =>
  encodeResponse(
    {
      version,
      community,
      operation: 'get',
      requestId,
      nonRepeaters: 0,
      maxRepetitions: 0,
      oids: [],
    },
    { status: 0, index: 0, bindings: [] },
  )

const asked: Asked = {
  version: 1,
  community: Buffer.from('public'),
  requestIds: new Set([77, 12_345_678]),
}

/** The same packet with one byte changed. */
function changed(packet: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = byte
  return copy
}

/** SNMPv3 with the authentication flag, which makes net-snmp throw out of its handler on a v2c session. */
const V3 = Buffer.from(
  '303e020103301002014d020300ffe304010502010304003027040080000000'.padEnd(128, '0'),
  'hex',
)

describe('the guard in front of a session', () => {
  const good = response()
  test.each([
    ['the answer to a request', good, 'answer'],
    ['the answer to another try of it', response({ requestId: 12_345_678 }), 'answer'],
    ['padding behind the answer', Buffer.concat([good, Buffer.alloc(4)]), 'answer'],
    ['an answer to what was settled', response({ requestId: 78 }), 'late'],
    ['another community', response({ community: 'public2' }), 'community'],
    ['v1 where v2c was asked', response({ version: 'v1' }), 'version'],
    ['v3 where v2c was asked', V3, 'version'],
    ['a request instead of a response', changed(good, good.indexOf(0xa2), 0xa0), 'malformed'],
    ['nothing', Buffer.alloc(0), 'malformed'],
    ['text', Buffer.from('HTTP/1.1 400 Bad Request'), 'malformed'],
    ['a message that was cut off', good.subarray(0, good.length - 1), 'malformed'],
    ['an indefinite length', changed(good, 1, 0x80), 'malformed'],
    ['a length of more bytes than there are', changed(good, 1, 0xff), 'malformed'],
  ])('%s: %#', (_what, packet, verdict) => {
    expect(judge(packet, asked)).toBe(verdict)
  })

  test('no bytes make it throw or pass for an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(judge(Buffer.from(bytes), asked)).not.toBe('answer')
      }),
      { numRuns: 2_000 },
    )
  })

  test('no damage to an answer makes it throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.nat({ max: good.length }),
        (changes, length) => {
          const packet = changes.reduce((from, [at, byte]) => changed(from, at, byte), good)
          expect(typeof judge(packet.subarray(0, length), asked)).toBe('string')
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

test('ids are read with their sign, as agents of 32 bits send them', () => {
  expect(readHeader(response({ requestId: -1 }))?.requestId).toBe(-1)
})
