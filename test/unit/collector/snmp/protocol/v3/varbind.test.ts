import { expect, test } from 'vitest'
import { toVarbind } from '../../../../../../collector/snmp/protocol/v3/varbind.ts'
import { TAG } from '../../../../../../collector/snmp/protocol/varbind.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

test.each([
  ['INTEGER', TAG.integer, -7, -7],
  ['Counter32', TAG.counter32, 4_294_967_295, 4_294_967_295],
  ['TimeTicks', TAG.timeTicks, 123, 123],
  ['BOOLEAN', TAG.boolean, true, 1],
  ['octets', TAG.octetString, bytes('00ff'), bytes('00ff')],
  ['an IpAddress, as its four bytes', TAG.ipAddress, '192.0.2.255', bytes('c00002ff')],
  ['an OID', TAG.oid, '1.3.6.1.4.1.9', '1.3.6.1.4.1.9'],
  ['Opaque, as its bytes', TAG.opaque, bytes('9f780442f60000'), bytes('9f780442f60000')],
  ['Counter64 of one byte', TAG.counter64, bytes('7f'), 127],
  ['Counter64 of six bytes', TAG.counter64, bytes('ffffffffffff'), 2 ** 48 - 1],
  ['Counter64 of eight bytes', TAG.counter64, bytes('0020000000000001'), 2 ** 53],
  ['Counter64 with a zero for the sign', TAG.counter64, bytes('00ffffffffffffffff'), 2 ** 64],
  ['Counter64 without a byte', TAG.counter64, bytes(''), null],
  ['Counter64 past 64 bits', TAG.counter64, bytes('01ffffffffffffffff'), null],
  ['noSuchInstance', TAG.noSuchInstance, null, null],
  ['a BIT STRING, which net-snmp makes a text of', 0x03, '0101', null],
])('%s', (_what, type, value, expected) => {
  expect(toVarbind({ oid: '1.3.6.1', type, value })).toEqual({
    oid: '1.3.6.1',
    type,
    value: expected,
  })
})

test('octets are a copy: the packet that they came in can go', () => {
  const packet = bytes('0102')
  const { value } = toVarbind({ oid: '1.3.6.1', type: TAG.octetString, value: packet })
  packet.fill(0)
  expect(value).toEqual(bytes('0102'))
})
