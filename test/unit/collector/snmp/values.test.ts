import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCounter64, decodeText, decodeValue } from '../../../../collector/snmp/values.ts'

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

describe('a Counter64 becomes a number', () => {
  test.each([
    ['00', 0],
    ['ff', 255],
    ['00ff', 255],
    ['010000000000', 2 ** 40],
    ['20000000000000', 2 ** 53],
    ['20000000000001', 2 ** 53],
    ['ffffffffffffffff', 2 ** 64],
    ['00ffffffffffffffff', 2 ** 64],
  ])('%s', (bytes, number) => {
    expect(decodeCounter64(hex(bytes))).toBe(number)
  })

  test.each(['', '01ffffffffffffffff', '00000000000000000001'])('%j is none', (bytes) => {
    expect(decodeCounter64(hex(bytes))).toBeUndefined()
  })

  test('to the nearest double, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const text = value.toString(16)
        expect(decodeCounter64(hex(text.padStart(text.length + (text.length % 2), '0')))).toBe(
          Number(value),
        )
      }),
    )
  })
})

describe('a binding has a value or none', () => {
  test.each([
    ['an integer', { type: 2, value: -3 }, -3],
    ['a boolean', { type: 1, value: true }, 1],
    ['an OID', { type: 6, value: '1.3.6.1' }, '1.3.6.1'],
    ['a Counter64', { type: 70, value: hex('0100') }, 256],
    ['a float in an Opaque', { type: 68, value: hex('9f78043fc00000') }, 1.5],
    ['a double in an Opaque', { type: 68, value: hex('9f79083ff8000000000000') }, 1.5],
    ['another Opaque', { type: 68, value: hex('0102') }, '01:02'],
    ['a number that is none', { type: 68, value: hex('9f78047fc00000') }, undefined],
    ['no such object', { type: 128, value: null }, undefined],
    ['no such instance', { type: 129, value: null }, undefined],
    ['the end of the MIB', { type: 130, value: null }, undefined],
    ['a text that was cut off', { type: 4, value: null }, undefined],
  ])('%s', (_what, varbind, value) => {
    expect(decodeValue({ oid: '1.3', ...varbind })).toBe(value)
  })

  test('a text never becomes a number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        expect(decodeValue({ oid: '1.3', type: 4, value: Buffer.from(bytes) })).toBeTypeOf('string')
      }),
    )
  })

  test('nothing that the library may hand over makes it throw', () => {
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.anything(),
    )
    fc.assert(
      fc.property(fc.nat({ max: 255 }), value, (type, anything) => {
        const decoded = decodeValue({ oid: '1.3', type, value: anything })
        expect(['number', 'string', 'undefined']).toContain(typeof decoded)
        if (typeof decoded === 'number') expect(Number.isFinite(decoded)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
