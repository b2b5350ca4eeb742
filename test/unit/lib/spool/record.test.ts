import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type RecordKind,
  HEADER_BYTES,
  encodeRecord,
  findRecords,
} from '../../../../lib/spool/record.ts'

type Given = {
  readonly kind: RecordKind
  readonly isPacked: boolean
  readonly samples: number
  readonly from: number
  readonly storedBy: number
  readonly body: Uint8Array
}

// A body may hold whole records, or what looks like the beginning of one.
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 60 }).map((inner) => Buffer.concat([Buffer.from('WSP1'), inner])),
)
const given: fc.Arbitrary<Given> = fc.record({
  kind: fc.constantFrom('lines' as const, 'remote-write' as const, 'origin' as const),
  isPacked: fc.boolean(),
  samples: fc.nat(4_294_967_295),
  from: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  storedBy: fc.integer({ min: 0, max: 4_102_444_800 }),
  body,
})
const segment = fc.array(given, { minLength: 1, maxLength: 8 })

const encode = (records: readonly Given[]): Buffer[] =>
  records.map(({ body: bytes, ...header }) => encodeRecord(header, bytes))
/** What is found, as it was given. */
function decode(bytes: Buffer): Given[] {
  return findRecords(bytes).found.map(({ kind, isPacked, samples, from, storedBy, at, end }) => ({
    kind,
    isPacked,
    samples,
    from,
    storedBy,
    body: new Uint8Array(bytes.subarray(at + HEADER_BYTES, end)),
  }))
}
const plain = (records: readonly Given[]): Given[] =>
  records.map((record) => ({ ...record, body: new Uint8Array(record.body) }))

describe('records of a segment', () => {
  test('come out as they went in', () => {
    fc.assert(
      fc.property(segment, (records) => {
        const bytes = Buffer.concat(encode(records))
        expect(decode(bytes)).toEqual(plain(records))
        expect(findRecords(bytes).corrupt).toEqual({ records: 0, samples: 0 })
      }),
    )
  })

  test('of which the last is torn: the others are there, and one is counted (F7)', () => {
    fc.assert(
      fc.property(segment, fc.nat(), (records, seed) => {
        const parts = encode(records)
        const last = parts.at(-1) ?? Buffer.alloc(0)
        const cut = 1 + (seed % (last.length - 1))
        const bytes = Buffer.concat([...parts.slice(0, -1), last.subarray(0, last.length - cut)])
        expect(decode(bytes)).toEqual(plain(records.slice(0, -1)))
        expect(findRecords(bytes).corrupt.records).toBe(1)
      }),
    )
  })

  test('of which one has a bit that flipped: that one is passed over, the others are there', () => {
    fc.assert(
      fc.property(segment, fc.nat(), fc.nat(7), (records, seed, bit) => {
        const parts = encode(records)
        const bytes = Buffer.concat(parts)
        const place = seed % bytes.length
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
        let hit = 0
        for (let end = parts[0]?.length ?? 0; end <= place; end += parts[++hit]?.length ?? 0);
        expect(decode(bytes)).toEqual(plain(records.filter((_, index) => index !== hit)))
        expect(findRecords(bytes).corrupt.records).toBe(1)
      }),
    )
  })

  test('between garbage: all of them are there', () => {
    fc.assert(
      fc.property(segment, fc.array(fc.uint8Array({ maxLength: 90 })), (records, garbage) => {
        const mixed = encode(records).flatMap((part, index) => [
          Buffer.from(garbage[index] ?? []),
          part,
        ])
        expect(decode(Buffer.concat(mixed))).toEqual(plain(records))
      }),
    )
  })

  test('garbage alone gives nothing, and harms nobody', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const { found, corrupt } = findRecords(Buffer.from(bytes))
        expect(found).toEqual([])
        expect(corrupt.records).toBe(bytes.length === 0 ? 0 : 1)
      }),
    )
  })

  test('of a damaged body the header still tells how many samples are missing', () => {
    const record = encodeRecord(
      { kind: 'lines', isPacked: false, samples: 42, from: 0, storedBy: 0 },
      Buffer.from('ping,device=a up=1 1\n'),
    )
    record[record.length - 1] = 0
    expect(findRecords(record).corrupt).toEqual({ records: 1, samples: 42 })
  })
})
