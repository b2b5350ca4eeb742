import type { Labels } from './labels.ts'

/** A value of one series; `labels` carry `__name__`. `at` is Unix milliseconds. */
export type SeriesSample = { readonly labels: Labels; readonly value: number; readonly at: number }

/** Prometheus' staleness marker: "this series ended here". A NaN of its own bits, which only remote write can carry. */
export const STALE = Symbol('stale')
export type StaleSample = {
  readonly labels: Labels
  readonly value: typeof STALE
  readonly at: number
}

const STALE_BITS = 0x7ff0_0000_0000_0002n

/**
 * A remote-write 1.0 request: protobuf `WriteRequest{repeated TimeSeries timeseries = 1}` in snappy's block format.
 * The snappy block is literals alone (valid, uncompressed): it goes over loopback or a LAN in small batches.
 */
export function encodeWriteRequest(samples: readonly (SeriesSample | StaleSample)[]): Uint8Array {
  return snappyLiterals(Buffer.concat(samples.map((sample) => field(1, timeSeries(sample)))))
}

function timeSeries({ labels, value, at }: SeriesSample | StaleSample): Buffer {
  const parts = Object.keys(labels)
    .filter((name) => labels[name] !== '')
    .sort()
    .map((name) =>
      field(
        1,
        Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(labels[name] ?? ''))]),
      ),
    )
  const number = Buffer.alloc(9)
  number[0] = (1 << 3) | 1 // Sample.value, fixed64
  if (value === STALE) number.writeBigUInt64LE(STALE_BITS, 1)
  else number.writeDoubleLE(value, 1)
  const stamp = Buffer.concat([Buffer.from([2 << 3]), varint(Math.round(at))])
  return Buffer.concat([...parts, field(2, Buffer.concat([number, stamp]))])
}

/** A length-delimited protobuf field. */
const field = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(tag << 3) | 2]), varint(body.length), body])

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

function snappyLiterals(body: Buffer): Buffer {
  const parts = [varint(body.length)]
  for (let start = 0; start < body.length; start += 0x1_0000) {
    const chunk = body.subarray(start, start + 0x1_0000)
    const length = chunk.length - 1
    // Tag 61 << 2: a literal whose length - 1 follows in two bytes.
    parts.push(Buffer.from([61 << 2, length & 0xff, length >> 8]), chunk)
  }
  return Buffer.concat(parts)
}
