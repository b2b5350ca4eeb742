import { describe, expect, test } from 'vitest'
import { decodeText, textOf } from '../../../../collector/snmp/text.ts'
import { TAG } from '../../../../collector/snmp/varbind.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

describe('an OctetString becomes text', () => {
  test.each([
    ['UTF-8', Buffer.from('Zürich 東京'), 'Zürich 東京'],
    ['Latin-1 where UTF-8 is not valid', Buffer.from('Zürich', 'latin1'), 'Zürich'],
    ['a hardware address', hex('001a2b3c4dff'), '00:1a:2b:3c:4d:ff'],
    ['an address of zeros', hex('000000000000'), '00:00:00:00:00:00'],
    ['text that ends with NUL', Buffer.from('eth0\0\0'), 'eth0'],
    ['lines', Buffer.from('Cisco IOS\r\nRELEASE'), 'Cisco IOS\r\nRELEASE'],
    ['nothing', Buffer.alloc(0), ''],
    ['digits stay text', Buffer.from('42'), '42'],
  ])('%s', (_what, bytes, text) => {
    expect(decodeText(bytes)).toBe(text)
  })

  test('at most 512 characters of it', () => {
    expect(decodeText(Buffer.alloc(5_000, 'x'))).toHaveLength(512)
    expect(decodeText(Buffer.alloc(5_000, 0xff)).length).toBeLessThanOrEqual(512)
    expect(decodeText(Buffer.alloc(5_000, 1)).length).toBeLessThanOrEqual(512)
  })
})

describe('what a person reads of a value', () => {
  test.each([
    ['an address', { type: TAG.ipAddress, value: Buffer.from([10, 0, 0, 255]) }, '10.0.0.255'],
    ['an object', { type: TAG.oid, value: '1.3.6.1' }, '1.3.6.1'],
    ['a number', { type: TAG.integer, value: -3 }, '-3'],
    ['octets', { type: TAG.octetString, value: Buffer.from('eth0') }, 'eth0'],
    ['nothing', { type: TAG.null, value: null }, ''],
  ])('%s', (_what, value, text) => {
    expect(textOf({ oid: '1.3', ...value })).toBe(text)
  })
})
