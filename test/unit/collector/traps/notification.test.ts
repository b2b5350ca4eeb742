import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../../../collector/traps/community-message.ts'
import {
  type Notification,
  readNotification,
  toResponse,
} from '../../../../collector/traps/notification.ts'
import { communityMessage, v1Trap, v2Pdu, v2Trap } from './packets.ts'

const OID = '1.3.6.1.4.1.9.9.43.2.0.1'

function read(packet: Buffer): Notification | null {
  const envelope = openEnvelope(packet)
  if (envelope === null) return null
  const { at, end, version } = envelope
  return readNotification({ bytes: packet, at }, end, version)
}

describe('a notification', () => {
  test('of v2c is a trap, or an inform with the id that its answer needs', () => {
    expect(read(v2Trap({ trapOid: OID }))).toEqual({ trapOid: OID, informId: null })
    expect(read(v2Trap({ trapOid: OID, inform: true, requestId: 2 ** 31 - 1 }))).toEqual({
      trapOid: OID,
      informId: 2 ** 31 - 1,
    })
  })

  test('of v1 has the OID that v2c would have sent', () => {
    expect(read(v1Trap({ generic: 3 }))).toEqual({
      trapOid: '1.3.6.1.6.3.1.1.5.4',
      informId: null,
    })
    expect(read(v1Trap({ enterprise: '1.3.6.1.4.1.9', generic: 6, specific: 7 }))).toEqual({
      trapOid: '1.3.6.1.4.1.9.0.7',
      informId: null,
    })
  })

  test('has its trap OID also where other bindings come before it', () => {
    expect(read(v2Trap({ trapOid: OID, before: 5 }))?.trapOid).toBe(OID)
  })

  test('whose trap OID lies behind more bindings than are looked at is none', () => {
    expect(read(v2Trap({ trapOid: OID, before: 50 }))).toBeNull()
  })

  test.each([
    ['a GET', v2Trap({ trapOid: OID }), 0xa0],
    ['a response', v2Trap({ trapOid: OID }), 0xa2],
    ['a v1 trap in v2c', v2Trap({ trapOid: OID }), 0xa4],
    ['a v2c trap in v1', v1Trap({ generic: 2 }), 0xa7],
    ['an inform in v1', v1Trap({ generic: 2 }), 0xa6],
  ])('is not %s', (_what, packet, tag) => {
    const changed = Buffer.from(packet)
    changed[openEnvelope(packet)?.at ?? 0] = tag
    expect(read(changed)).toBeNull()
  })

  test.each([7, 1_000])('of v1 has no generic trap %i', (generic) => {
    expect(read(v1Trap({ generic }))).toBeNull()
  })

  test('with an OID longer than a label should be is none', () => {
    const trapOid = `1.3.6.1.4.1${'.4294967295'.repeat(30)}`
    expect(read(v2Trap({ trapOid }))).toBeNull()
  })

  test('may have bytes behind it: some agents pad', () => {
    const packet = Buffer.concat([v2Trap({ trapOid: OID }), Buffer.alloc(9)])
    expect(read(packet)?.trapOid).toBe(OID)
  })

  test('is answered with its own id and bindings under the tag of a response', () => {
    const inform = v2Trap({ trapOid: OID, inform: true, requestId: 99 })
    const at = openEnvelope(inform)?.at ?? 0
    const expected = Buffer.from(inform)
    expected[at] = 0xa2
    expect(toResponse(inform, at).equals(expected)).toBe(true)
    expect(inform[at]).toBe(0xa6)
  })

  test('is answered without the error that it should not have had', () => {
    const pdu = v2Pdu({ trapOid: OID, inform: true, requestId: 5 })
    const withError = Buffer.from(pdu)
    // tag, length, request-id (3 bytes), then the value of error-status
    withError[7] = 17
    const response = toResponse(withError, 0)
    expect(response.equals(toResponse(pdu, 0))).toBe(true)
  })
})

describe('hostile packets', () => {
  const honest = [
    v2Trap({ trapOid: OID, inform: true, requestId: 123_456 }),
    v2Trap({ trapOid: OID, before: 3 }),
    v1Trap({ generic: 6, specific: 2 ** 31 - 1 }),
    communityMessage(3, 'x', v2Pdu({ trapOid: OID })),
  ]
  const answered = (packet: Buffer): Notification | null => {
    const notification = read(packet)
    const envelope = openEnvelope(packet)
    if (notification?.informId != null && envelope !== null) toResponse(packet, envelope.at)
    return notification
  }

  test('of random bytes are never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        answered(Buffer.from(bytes))
      }),
      { numRuns: 5_000 },
    )
  })

  test('that are honest ones with bytes changed, cut or added are never an exception, nor a strange OID', () => {
    const change = fc.record({
      place: fc.nat(200),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0x81, 0x84, 0xff, 0)),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...honest),
        fc.array(change, { maxLength: 6 }),
        fc.nat(250),
        fc.uint8Array({ maxLength: 8 }),
        (packet, changes, cut, more) => {
          const bytes = Buffer.concat([packet.subarray(0, packet.length - (cut % 40)), more])
          for (const { place, byte } of changes) bytes[place % bytes.length] = byte
          const notification = answered(bytes)
          if (notification !== null) expect(notification.trapOid).toMatch(/^\d+(\.\d+)*$/)
        },
      ),
      { numRuns: 20_000 },
    )
  })
})
