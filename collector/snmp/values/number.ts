import { type Cell, TAG } from '../protocol/varbind.ts'

/** The number of a binding: an integer, a counter, TimeTicks or a float in an Opaque. Octets, OIDs and addresses have none. */
export function numberOf({ type, value }: Cell): number | undefined {
  if (typeof value === 'number') return value
  if (type !== TAG.opaque || !Buffer.isBuffer(value)) return undefined
  return opaqueFloat(value)?.value
}

export type OpaqueFloat = { readonly value: number; readonly isDouble: boolean }

/** net-snmp's floats in an Opaque: 9f 78 04 and a float, 9f 79 08 and a double. */
export function opaqueFloat(bytes: Buffer): OpaqueFloat | undefined {
  if (bytes.length < 7 || bytes[0] !== 0x9f) return undefined
  const isDouble = bytes[1] === 0x79 && bytes[2] === 8 && bytes.length === 11
  if (!isDouble && !(bytes[1] === 0x78 && bytes[2] === 4 && bytes.length === 7)) return undefined
  const value = isDouble ? bytes.readDoubleBE(3) : bytes.readFloatBE(3)
  return Number.isFinite(value) ? { value, isDouble } : undefined
}

/** The fewest digits that are still this float, never with an exponent: 0.1 and not 0.10000000149011612. */
export function floatText({ value, isDouble }: OpaqueFloat): string {
  if (isDouble) return withoutExponent(String(value))
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return withoutExponent(String(Number(text)))
  }
  return withoutExponent(String(value))
}

/** `1.5e-7` becomes `0.00000015`. */
function withoutExponent(text: string): string {
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (parts === null) return text
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts
  const exponent = Number(power)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`
}
