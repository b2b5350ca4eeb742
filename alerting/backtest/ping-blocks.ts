import type { Inventory } from '../../lib/inventory.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** What a device did in a block: nothing else than before, at each of its slots; or something that must be looked at. */
export type Course = 'up' | 'down' | 'eventful'

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
  signal: AbortSignal,
): PingBlocks {
  const intervals = [...inventory.values()].flatMap(({ enabled, ping }) =>
    enabled ? [ping.intervalMs] : [],
  )
  const longest = intervals.reduce((most, ms) => Math.max(most, ms), 1_000)
  const blockMs = Math.min(BLOCK_MS.most, Math.max(BLOCK_MS.least, SAMPLES * longest))

  async function ask(rollup: string, from: number, count: number): Promise<Map<string, number>[]> {
    const expr = `sum by (device) (${rollup}(ping_up[${blockMs}ms]))`
    const range = { start: from + blockMs - 1, end: from + count * blockMs - 1, stepMs: blockMs }
    const blocks = Array.from({ length: count }, () => new Map<string, number>())
    for (const { labels, points } of await victoriaMetrics.queryRange(expr, range, {
      signal,
      timeoutMs: 120_000,
    })) {
      const device = labels['device'] ?? ''
      for (const [at, value] of points)
        blocks[Math.round((at + 1 - from) / blockMs) - 1]?.set(device, value)
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
        for (const [id, samples] of block) {
          const device = inventory.get(id)
          if (device === undefined) continue
          const isWhole = samples >= Math.floor(blockMs / device.ping.intervalMs)
          const answered = sums[index]?.get(id) ?? 0
          const isUniform = answered === 0 || answered === samples
          const course = answered === 0 ? 'down' : 'up'
          courses.set(id, isWhole && isUniform ? course : 'eventful')
        }
        return courses
      })
    },
  }
}
