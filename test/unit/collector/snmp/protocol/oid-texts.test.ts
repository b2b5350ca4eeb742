import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOid } from '../../../../../collector/snmp/protocol/ber.ts'
import { encodeOid } from '../../../../../lab/snmp-packet.ts'

const arcs = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 12 })

/** Without tag and length. */
const contentOf = (oid: string): Buffer => Buffer.from(encodeOid(oid).subarray(2))

function read(oid: string): string | null {
  const content = contentOf(oid)
  return readOid(content, 0, content.length, undefined)
}

describe('texts of OIDs that are kept', () => {
  test('are those of the OIDs that come, however often and after whichever', () => {
    fc.assert(
      fc.property(fc.array(arcs, { minLength: 1, maxLength: 30 }), (all) => {
        const oids = all.map((each) => `1.3.${each.join('.')}`)
        expect([...oids, ...oids].map(read)).toEqual([...oids, ...oids])
      }),
    )
  })

  test('give way to others: more OIDs than are kept are read as well', () => {
    const oids = Array.from({ length: 20_000 }, (_, i) => `1.3.6.1.2.1.2.2.1.10.${i}`)
    expect(oids.map(read)).toEqual(oids)
    expect(oids.map(read)).toEqual(oids)
  })

  test('do not follow a buffer that is written over', () => {
    const content = contentOf('1.3.6.1.7')
    expect(readOid(content, 0, content.length, undefined)).toBe('1.3.6.1.7')
    content[content.length - 1] = 8
    expect(readOid(content, 0, content.length, undefined)).toBe('1.3.6.1.8')
    expect(read('1.3.6.1.7')).toBe('1.3.6.1.7')
  })
})
