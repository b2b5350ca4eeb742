import type { Inventory } from '../../lib/inventory.ts'
import { type Sites, siteOf } from '../../lib/sites.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

/**
 * What a device did in a block: nothing else than before, at each of its slots, for each site that looks at it (`up`, or
 * `up: batumi, tbilisi`); or something that must be looked at.
 */
export type Course = 'eventful' | `${'up' | 'down'}${'' | `: ${string}`}`

/** How each device fared in one block; devices without a sample aren't in it. */
export type BlockCourses = ReadonlyMap<string, Course>

export type PingBlocks = {
  readonly blockMs: number
  /** The courses of the blocks that begin at `from`, one after another, as many as `count`. */
  read(from: number, count: number): Promise<BlockCourses[]>
}

/** So many samples of a device are in a block, about. */
const SAMPLES = 60
const BLOCK_MS = { least: 60_000, most: 3_600_000 }

/**
 * Most devices do the same all the time. VictoriaMetrics counts samples far faster than it hands them over: only what
 * differs needs to be read one by one.
 */
export function createPingBlocks(
  victoriaMetrics: VictoriaMetrics,
  inventory: Inventory,
  /** Null: all samples are of one. */
  sites: Sites | null,
  signal: AbortSignal,
): PingBlocks {
  const intervals = [...inventory.values()].flatMap(({ enabled, ping }) =>
    enabled ? [ping.intervalMs] : [],
  )
  const longest = intervals.reduce((most, ms) => Math.max(most, ms), 1_000)
  const blockMs = Math.min(BLOCK_MS.most, Math.max(BLOCK_MS.least, SAMPLES * longest))

  /** Of each block the sums by device and site. */
  async function ask(rollup: string, from: number, count: number): Promise<Sums[]> {
    const by = sites === null ? 'device' : 'device, vantage'
    const expr = `sum by (${by}) (${rollup}(ping_up[${blockMs}ms]))`
    const range = { start: from + blockMs - 1, end: from + count * blockMs - 1, stepMs: blockMs }
    const blocks = Array.from({ length: count }, (): Sums => new Map())
    for (const { labels, points } of await victoriaMetrics.queryRange(expr, range, {
      signal,
      timeoutMs: 120_000,
    })) {
      const device = labels['device'] ?? ''
      const site = sites === null ? '' : siteOf(sites, labels['vantage'])
      for (const [at, value] of points) {
        const block = blocks[Math.round((at + 1 - from) / blockMs) - 1]
        const own = block?.get(device) ?? new Map<string, number>()
        block?.set(device, own.set(site, (own.get(site) ?? 0) + value))
      }
    }
    return blocks
  }

  return {
    blockMs,
    async read(from, count) {
      const [counts, sums] = await Promise.all([
        ask('count_over_time', from, count),
        ask('sum_over_time', from, count),
      ])
      return counts.map((block, index) => {
        const courses = new Map<string, Course>()
        for (const [id, bySite] of block) {
          const device = inventory.get(id)
          if (device === undefined) continue
          const slots = Math.floor(blockMs / device.ping.intervalMs)
          const answered = sums[index]?.get(id) ?? NOTHING
          const fates = new Set(
            [...bySite].map(([site, samples]) => fateOf(samples, answered.get(site) ?? 0, slots)),
          )
          const [fate = 'eventful'] = fates.size === 1 ? fates : []
          const names = [...bySite.keys()].toSorted().join(', ')
          courses.set(id, fate === 'eventful' || sites === null ? fate : `${fate}: ${names}`)
        }
        return courses
      })
    },
  }
}

/** By device, then by site. */
type Sums = Map<string, Map<string, number>>
const NOTHING: ReadonlyMap<string, number> = new Map()

function fateOf(samples: number, answered: number, slots: number): 'up' | 'down' | 'eventful' {
  if (samples < slots || (answered > 0 && answered < samples)) return 'eventful'
  return answered === 0 ? 'down' : 'up'
}
