/** Seconds since 1970 of a DateAndTime (RFC 2579), in UTC where it names no zone; undefined when it is none. */
export function parseDateAndTime(bytes: Buffer): number | undefined {
  if (bytes.length !== 8 && bytes.length !== 11) return undefined
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0, tenths = 0] = bytes.subarray(2, 8)
  const offset = bytes.length === 8 ? 0 : parseZone(bytes)
  if (offset === undefined) return undefined
  const year = bytes.readUInt16BE(0)
  return toSeconds({ year, month, day, hour, minute, second: second + tenths / 10, offset })
}

/** `+`, hours and minutes, in seconds. */
function parseZone(bytes: Buffer): number | undefined {
  const [sign, hours = 0, minutes = 0] = bytes.subarray(8)
  if (hours > 24 || minutes > 60) return undefined
  const seconds = hours * 3_600 + minutes * 60
  if (sign === 0x2b) return seconds
  return sign === 0x2d ? -seconds : undefined
}

/** NTP counts from 1900. */
const NTP_EPOCH_SECONDS = 2_208_988_800

/** Whole seconds since 1970 of an NTP timestamp: 4 octets of seconds, 4 of a fraction. */
export const parseNtpTimestamp = (bytes: Buffer): number | undefined =>
  bytes.length < 8 ? undefined : bytes.readUInt32BE(0) - NTP_EPOCH_SECONDS

export type Moment = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** Seconds east of UTC. */
  readonly offset: number
}

/** Fields past their end carry over into the next: second 60 is the next minute, month 0 the December before. */
export function toSeconds({ year, month, day, hour, minute, second, offset }: Moment): number {
  // Not Date.UTC: it takes year 24 for 1924.
  const days = new Date(0).setUTCFullYear(year, month - 1, day) / 1000
  return Math.floor(days + hour * 3_600 + minute * 60 + second) - offset
}
