import { describe, expect, test } from 'vitest'
import { decodeText, guessText } from '../../../../../collector/snmp/values/octet-text.ts'
import { TAG } from '../../../../../collector/snmp/protocol/varbind.ts'
import { textOf } from '../../../../../collector/snmp/values/value-text.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

describe('octets that are said to be a text', () => {
  test.each([
    ['UTF-8', Buffer.from('Zürich 東京'), 'Zürich 東京'],
    ['UTF-8 stays as it is', Buffer.from(' eth0\u0001\0'), ' eth0\u0001\0'],
    ['Latin-1 where UTF-8 is not valid', Buffer.from('Zürich', 'latin1'), 'Zürich'],
    ['Latin-1 that ends with NULs', Buffer.from('Zürich\0\0', 'latin1'), 'Zürich'],
    ['neither: their bytes', hex('001a2b3c4dff'), '00:1a:2b:3c:4d:ff'],
    ['a C1 control character is not printable', hex('5a85'), '5a:85'],
    ['nothing', Buffer.alloc(0), ''],
    ['digits stay text', Buffer.from('42'), '42'],
  ])('%s', (_what, bytes, text) => {
    expect(decodeText(bytes)).toBe(text)
  })
})

describe('octets of which nothing says what they are', () => {
  test.each([
    ['a text', Buffer.from('Zürich 東京'), 'Zürich 東京'],
    ['a text in Latin-1', Buffer.from('Zürich', 'latin1'), 'Zürich'],
    ['a text that ends with NULs', Buffer.from('eth0\0\0'), 'eth0'],
    ['lines', Buffer.from('Cisco IOS\r\nRELEASE'), 'Cisco IOS\r\nRELEASE'],
    ['a hardware address', hex('001a2b3c4dff'), '00:1a:2b:3c:4d:ff'],
    ['a hardware address that is valid UTF-8', hex('001a2b3c4d5e'), '00:1a:2b:3c:4d:5e'],
    ['an address of zeros', hex('000000000000'), '00:00:00:00:00:00'],
    ['nothing', Buffer.alloc(0), ''],
  ])('%s', (_what, bytes, text) => {
    expect(guessText(bytes)).toBe(text)
  })
})

describe('the text of a value', () => {
  test.each([
    ['an address', { type: TAG.ipAddress, value: Buffer.from([10, 0, 0, 255]) }, '10.0.0.255'],
    ['an object', { type: TAG.oid, value: '1.3.6.1' }, '1.3.6.1'],
    ['a number', { type: TAG.integer, value: -3 }, '-3'],
    ['octets', { type: TAG.octetString, value: Buffer.from('eth0') }, 'eth0'],
    ['nothing', { type: TAG.null, value: null }, ''],
  ])('%s', (_what, value, text) => {
    expect(textOf({ ...value })).toBe(text)
  })

  test.each(['DisplayString', 'OctetString', undefined])(
    'of type %s has at most 1,024 characters',
    (type) => {
      for (const byte of [1, 0x78, 0xff]) {
        const value = Buffer.alloc(5_000, byte)
        expect(textOf({ type: TAG.octetString, value }, type)).toHaveLength(1_024)
      }
    },
  )
})
