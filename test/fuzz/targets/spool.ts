import { pack, unpack } from '../../../lib/spool/pack.ts'
import { HEADER_BYTES, encodeRecord, findRecords } from '../../../lib/spool/record.ts'
import { mutatedBytes } from '../mutate.ts'
import { must, target } from '../target.ts'

const BODIES = [
  'ping,device=a up=1 1774749720000\n',
  'ping,device=b up=0 1774749721000\n'.repeat(60),
]

const records = await Promise.all(
  BODIES.map(async (text) => {
    const { body, isPacked } = await pack(Buffer.from(text))
    return encodeRecord(
      { kind: 'lines', isPacked, samples: 1, from: 1_774_749_720_000, storedBy: 0 },
      body,
    )
  }),
)
const [plain = Buffer.alloc(0), packed = Buffer.alloc(0)] = records

export const spool = target({
  name: 'spool-segment',
  inputs: mutatedBytes([
    Buffer.concat([plain, packed, plain]),
    packed,
    Buffer.concat([plain, plain]),
  ]),
  read(segment) {
    const { found } = findRecords(segment)
    let last = 0
    for (const { at, end } of found) {
      must(at >= last && end <= segment.length, 'records one behind the other, in their segment')
      // The sum of a record says that it is as it was written: so it must be one of those.
      must(
        records.some((record) => record.equals(segment.subarray(at, end))),
        'a record that was written',
      )
      last = end
    }
    return found.length > 0
  },
})

const [whole] = findRecords(packed).found
if (whole === undefined) throw new Error('no record to begin with')

export const body = target({
  name: 'spool-body',
  inputs: mutatedBytes([packed.subarray(HEADER_BYTES)]),
  read: async (given) =>
    (await unpack(Buffer.concat([packed.subarray(0, HEADER_BYTES), given]), whole)) !== null,
})
