/** Texts by id, in hashes that belong together. */
export type Hashes = Readonly<Record<string, Readonly<Record<string, string>>>>

export type Repair = {
  readonly changes: readonly Change[]
  /** How many were put back, and how many taken away that had been removed. */
  readonly putBack: number
  readonly removed: number
}

export type Change = {
  readonly hash: string
  readonly id: string
  /** Null: it is taken away. */
  readonly text: string | null
}

/** When an entry was last changed, in Unix milliseconds; -Infinity for what can't be read. */
export type TimeOf = (hash: string, text: string) => number

/**
 * Pure: what makes of a Redis that lost something (`found`) what was known, and in force at `known.at`. Entries that were
 * changed since then are newer than what is known and stay; those that were removed by then don't come back.
 */
export function repairOf(
  known: { readonly hashes: Hashes; readonly at: number },
  found: Hashes,
  timeOf: TimeOf,
): Repair {
  const changes: Change[] = []
  let putBack = 0
  let removed = 0
  for (const hash of new Set([...Object.keys(known.hashes), ...Object.keys(found)])) {
    const before = known.hashes[hash] ?? {}
    const now = found[hash] ?? {}
    for (const [id, text] of Object.entries(before)) {
      const other = now[id]
      if (other === text) continue
      if (other !== undefined && timeOf(hash, other) > timeOf(hash, text)) continue
      changes.push({ hash, id, text })
      putBack++
    }
    for (const [id, text] of Object.entries(now)) {
      if (id in before || timeOf(hash, text) > known.at) continue
      changes.push({ hash, id, text: null })
      removed++
    }
  }
  return { changes, putBack, removed }
}
