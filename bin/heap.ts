import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8 lets the old generation double before it collects it, on a big machine. A fleet's memory is flat, so a sixth is enough:
 * 50 MB less at 876 devices, for CPU time that doesn't show. But each collection stops everything, for 60 ms at
 * 10,000 devices: while somebody reads there are fewer of them.
 */
const GROWTH = { atRest: 15, whileRead: 100 } as const
const READ_MS = 30_000
/** By then everything was probed and polled once. */
const STARTED_MS = 75_000
const LOOK_MS = 15_000
const SET_MS = 1_000
/** A storm's pages are given back once the process is larger than it was by a sixteenth and no longer grows. */
const GROWN = 1 / 16

/** Giving pages back stops everything for 0.1 to 0.2 s: it waits for a moment in which nobody has asked for so long. */
const QUIET_MS = 2_000
const AGAIN_MS = 1_000
/** No longer than this, though. */
const MOST_WAIT_MS = 300_000

/** Keeps the heap as small as the load allows, until disposed. `askedAt`: when a request came last, by `performance.now`. */
export function boundHeap(askedAt: () => number = () => -Infinity): Disposable {
  let growth: number = GROWTH.atRest
  setFlagsFromString(growing(growth))
  const setting = setInterval(() => {
    const wanted = growthFor(performance.now() - askedAt())
    if (wanted !== growth) setFlagsFromString(growing((growth = wanted)))
  }, SET_MS).unref()
  const isGrown = createGrowthWatch()
  let timer = setTimeout(giveBack, STARTED_MS).unref()

  function look(): void {
    if (isGrown(process.memoryUsage.rss())) giveBack()
    else timer = setTimeout(look, LOOK_MS).unref()
  }

  function giveBack(wantedAt = performance.now()): void {
    if (!isMoment({ now: performance.now(), askedAt: askedAt(), wantedAt })) {
      timer = setTimeout(giveBack, AGAIN_MS, wantedAt).unref()
      return
    }
    returnPages()
    isGrown(process.memoryUsage.rss())
    timer = setTimeout(look, LOOK_MS).unref()
  }

  return {
    [Symbol.dispose]() {
      clearInterval(setting)
      clearTimeout(timer)
    },
  }
}

const growing = (percent: number): string => `--heap-growing-percent=${percent}`

/** Percent by which the old generation may grow before it is collected, so long after a request came last. */
export const growthFor = (sinceAskedMs: number): number =>
  sinceAskedMs < READ_MS ? GROWTH.whileRead : GROWTH.atRest

/** Whether everything may stop now: nobody is about to be kept waiting, or it was put off long enough. Milliseconds. */
export function isMoment({
  now,
  askedAt,
  wantedAt,
}: {
  readonly now: number
  readonly askedAt: number
  readonly wantedAt: number
}): boolean {
  return now - askedAt >= QUIET_MS || now - wantedAt >= MOST_WAIT_MS
}

/**
 * Told the resident size now and then, says when to give pages back: it is over what it was after the last time by a
 * sixteenth, and hasn't grown since the look before. What is told after that is the new measure, so that memory which
 * is in use isn't asked for again and again.
 */
export function createGrowthWatch(): (bytes: number) => boolean {
  let base: number | null = null
  let before = Infinity
  return (bytes) => {
    const isRising = bytes > before * (1 + GROWN / 8)
    before = bytes
    if (base === null) {
      base = bytes
      return false
    }
    // What the system took by itself needn't be given back.
    base = Math.min(base, bytes)
    if (isRising || bytes <= base * (1 + GROWN)) return false
    base = null
    return true
  }
}

/**
 * V8 keeps the pages that starting, or the peak of a storm, took for a growth that doesn't come again: its pool gives
 * them back only when a collection is its last resort, and under a steady load it has none. Takes 0.1 to 0.2 s.
 */
function returnPages(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
