/**
 * Things that come and go by the thousand a second, each under a number of its own until it goes. Not a Set, and no Map of
 * objects: V8 keeps the tables that those outgrow, and everything that was in them, until its next full collection. For 64
 * requests under way that was 40 MB, which each young collection had to go through: a tenth of a GET's CPU.
 */
export type Slots<T> = {
  add(value: T): number
  get(slot: number): T | undefined
  remove(slot: number): void
  all(): T[]
}

export function createSlots<T>(): Slots<T> {
  const values: (T | undefined)[] = []
  const free: number[] = []
  return {
    add(value) {
      const slot = free.pop() ?? values.length
      values[slot] = value
      return slot
    },
    get: (slot) => values[slot],
    remove(slot) {
      values[slot] = undefined
      free.push(slot)
    },
    all: () => values.filter((value) => value !== undefined),
  }
}
