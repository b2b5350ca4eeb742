import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { HEADER_BYTES, type RecordHeader } from './record.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Under this there is nothing to gain. */
const LEAST_BYTES = 256
/** A batch is some megabytes at most: what says that it is more is damaged. */
const MOST_BYTES = 67_108_864

/** Lines repeat their labels: level 1 leaves about a fifteenth of them, outside the main thread. */
export async function pack(body: Uint8Array): Promise<{ body: Uint8Array; isPacked: boolean }> {
  if (body.length < LEAST_BYTES) return { body, isPacked: false }
  const params = { [constants.ZSTD_c_compressionLevel]: 1 }
  return { body: await compress(body, { params }), isPacked: true }
}

/** The body of a whole record; null when what is in it can't be unpacked. */
export async function unpack(
  record: Buffer,
  { isPacked }: RecordHeader,
): Promise<Uint8Array | null> {
  const body = record.subarray(HEADER_BYTES)
  if (!isPacked) return body
  try {
    return await decompress(body, { maxOutputLength: MOST_BYTES })
  } catch {
    return null
  }
}
