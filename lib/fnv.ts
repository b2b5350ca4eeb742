/** FNV-1a of 64 bit, as Prometheus' family computes fingerprints and ids. */
export type Fnv = {
  /** The bytes of a text in UTF-8. */
  text(text: string): Fnv
  /** The byte 0xff, which no text holds. */
  separate(): Fnv
  hex(): string
  decimal(): string
}

const utf8 = new TextEncoder()

export function createFnv(): Fnv {
  // Two halves of 32 bits: the prime is 2^40 + 0x1b3, so no product leaves the integers that a number holds exactly.
  let high = 0xcbf2_9ce4
  let low = 0x8422_2325
  function byte(value: number): void {
    const mixed = (low ^ value) >>> 0
    const product = mixed * 0x1b3
    const carry = Math.floor(product / 0x1_0000_0000)
    high = (Math.imul(high, 0x1b3) + carry + ((mixed << 8) >>> 0)) >>> 0
    low = product >>> 0
  }
  const hash: Fnv = {
    text(text) {
      for (const value of utf8.encode(text)) byte(value)
      return hash
    },
    separate() {
      byte(0xff)
      return hash
    },
    hex: () => hexOf(high) + hexOf(low),
    decimal: () => String((BigInt(high) << 32n) | BigInt(low)),
  }
  return hash
}

const hexOf = (half: number): string => half.toString(16).padStart(8, '0')
