import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Segment } from './segment.ts'

export const POSITIONS = 'positions.json'

/** How far segments were read for good, in bytes, by their names. What isn't known is read from its beginning. */
export async function readPositions(folder: string): Promise<ReadonlyMap<string, number>> {
  try {
    const known = JSON.parse(await readFile(join(folder, POSITIONS), 'utf8')) as unknown
    if (typeof known !== 'object' || known === null) return new Map()
    return new Map(
      Object.entries(known).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0,
      ),
    )
  } catch {
    return new Map() // without it samples are stored once more, which does no harm
  }
}

/** Writes positions when they changed. Not synced: what a power cut takes back is stored once more. */
export function writePositions(folder: string): (segments: readonly Segment[]) => Promise<void> {
  let last = '{}'
  return async (segments) => {
    const positions: Record<string, number> = {}
    for (const { name, committed, end } of segments)
      if (committed > 0) positions[name] = end[committed - 1] ?? 0
    const text = JSON.stringify(positions)
    if (text === last) return
    const path = join(folder, POSITIONS)
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
    last = text
  }
}
