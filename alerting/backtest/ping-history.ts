import { type Stretches, isAnyBlindIn } from '../../lib/blindness.ts'
import { type Device, type Inventory } from '../../lib/inventory.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import type { Sites } from '../../lib/sites.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import {
  type PingSample,
  readPingSamples,
  readPingSamplesByVantage,
} from '../availability/samples.ts'
import type { Kinship } from './kinship.ts'
import { type BlockCourses, createPingBlocks } from './ping-blocks.ts'

/** What is known of the pings that are stamped in [from, to). */
export type PingPiece = {
  readonly from: number
  readonly to: number
  /** The samples of a device; null: at each of its slots it did what it did before. */
  samples(device: Device): readonly PingSample[] | null
}

/** About so many counts are held at once. */
const COUNTS = 50_000
const BLOCKS = { least: 4, most: 200 }
const NONE: readonly PingSample[] = []

/**
 * The pings of [from, to), block by block; the next ones are read while one is worked on. Where a collector was blind, or
 * several sites probed, they come with who did.
 */
export async function* pingHistory(
  victoriaMetrics: VictoriaMetrics,
  inventory: Inventory,
  kinship: (id: string) => Kinship,
  range: { from: number; to: number; blind: Stretches; sites: Sites | null },
  signal: AbortSignal,
): AsyncGenerator<PingPiece, void> {
  const { from, to, blind, sites } = range
  const blocks = createPingBlocks(victoriaMetrics, inventory, sites, signal)
  const { blockMs } = blocks
  const atOnce = Math.min(
    BLOCKS.most,
    Math.max(BLOCKS.least, Math.floor(COUNTS / Math.max(1, inventory.size))),
  )
  let before: BlockCourses = new Map()

  async function read(
    start: number,
    courses: BlockCourses,
    past: BlockCourses,
  ): Promise<PingPiece> {
    const end = Math.min(to, start + blockMs)
    const wanted = eventful(courses, past, inventory, kinship)
    const piece = { start, end: end - 1 }
    const matches = matchesOf(wanted, inventory)
    const isByVantage = sites !== null || isAnyBlindIn(blind, piece)
    const readSamples = isByVantage ? readPingSamplesByVantage : readPingSamples
    const parts = await Promise.all(
      matches.map((match) => readSamples(victoriaMetrics, piece, signal, match)),
    )
    return {
      from: start,
      to: end,
      samples({ id }) {
        if (!wanted.has(id)) return null
        for (const part of parts) {
          const own = part.get(id)
          if (own !== undefined) return own
        }
        return NONE
      },
    }
  }

  /** Blocks in their order, each begun to be read before it is wanted. */
  async function* readings(): AsyncGenerator<() => Promise<PingPiece>, void> {
    let next = from < to ? blocks.read(from, atOnce) : null
    for (let start = from; next !== null; start += atOnce * blockMs) {
      const courses: BlockCourses[] = await next
      const after = start + atOnce * blockMs
      next = after < to ? blocks.read(after, atOnce) : null
      next?.catch(() => {}) // told when it is its turn
      for (const [index, own] of courses.entries()) {
        const blockAt = start + index * blockMs
        if (blockAt >= to) return
        const past = before
        before = own
        yield () => read(blockAt, own, past)
      }
    }
  }

  const waiting: Promise<PingPiece>[] = []
  for await (const begin of readings()) {
    const piece = begin()
    piece.catch(() => {}) // told when it is its turn
    waiting.push(piece)
    const first = waiting.length > AHEAD ? waiting.shift() : undefined
    if (first !== undefined) yield await first
  }
  for (const piece of waiting) yield await piece
}

const AHEAD = 2

/** Devices that did something else than before, and those before and behind them: in what order they answered counts. */
function eventful(
  courses: BlockCourses,
  past: BlockCourses,
  inventory: Inventory,
  kinship: (id: string) => Kinship,
): ReadonlySet<string> {
  const wanted = new Set<string>()
  for (const { id, enabled } of inventory.values()) {
    if (!enabled) continue
    const course = courses.get(id)
    const isAsBefore = course !== 'eventful' && course === past.get(id)
    if (isAsBefore && course !== undefined) continue
    // Without a sample, now and before, there is nothing to read.
    if (course === undefined && past.get(id) === undefined && past.size > 0) {
      wanted.add(id)
      continue
    }
    const { ancestors, descendants } = kinship(id)
    for (const kin of [id, ...ancestors, ...descendants]) wanted.add(kin)
  }
  return wanted
}

const MOST_LENGTH = 4_000

/** Selectors of the devices' samples: that of all of them where it is as good. */
function matchesOf(wanted: ReadonlySet<string>, inventory: Inventory): string[] {
  if (wanted.size === 0) return []
  if (wanted.size > inventory.size / 3) return ['ping_up']
  const matches: string[] = []
  let ids: string[] = []
  let length = 0
  const end = (): void => {
    if (ids.length > 0) matches.push(`ping_up{device=~${quoteLabelValue(ids.join('|'))}}`)
    ids = []
    length = 0
  }
  for (const id of wanted) {
    const pattern = id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    if (length + pattern.length > MOST_LENGTH) end()
    ids.push(pattern)
    length += pattern.length + 1
  }
  end()
  return matches
}
