import { createHash } from 'node:crypto'

/** A stream of numbers that depends on its seed alone, the same on every machine. */
export type Random = {
  /** Evenly in [0, 1). */
  next(): number
  /** A whole number, both ends included. */
  integer(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** Log-uniform: as likely between 1 and 10 as between 10 and 100, the way outages last. */
  spread(min: number, max: number): number
  shuffle<T>(items: readonly T[]): T[]
}

export function createRandom(seed: string): Random {
  const next = sfc32(createHash('sha256').update(seed).digest())
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[integer(0, items.length - 1)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    spread: (min, max) => min * (max / min) ** next(),
    shuffle(items) {
      return items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item)
    },
  }
}

/** Chris Doty-Humphrey's small fast counter: 128 bits of state, passes PractRand. */
function sfc32(seed: Buffer): () => number {
  let a = seed.readInt32LE(0)
  let b = seed.readInt32LE(4)
  let c = seed.readInt32LE(8)
  let counter = seed.readInt32LE(12)
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}
