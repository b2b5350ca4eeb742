/** Tags of the values that an answer may hold (RFC 2578 §7, RFC 3416 §3). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const

/**
 * A variable binding as it came off the wire, whichever codec read it. Numbers and TimeTicks are numbers (Counter64 past
 * 2^53 is rounded to the nearest double), an OBJECT IDENTIFIER is its text without a leading dot, octets, IpAddress and
 * Opaque are their bytes (a copy, not a view of the packet), anything without a value is null.
 */
export type Varbind = {
  readonly oid: string
  readonly type: number
  readonly value: number | string | Buffer | null
}

/** What stands at an OID. */
export type Cell = Omit<Varbind, 'oid'>

/** True for the three ways of v2c to say that there is nothing at an OID. */
export const isAbsent = ({ type }: Cell): boolean =>
  type === TAG.noSuchObject || type === TAG.noSuchInstance || type === TAG.endOfMibView
