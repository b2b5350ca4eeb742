import { readFile, readdir } from 'node:fs/promises'
import { type Growth, type Reading, growthOf, hasGrown } from '../growth.ts'

/** What is read of a process again and again, and what counts as growing. */
export const FIGURES = {
  rss_bytes: { title: 'resident memory', unit: 'MB', divisor: 1e6, share: 0.2, least: 30e6 },
  heap_bytes: { title: 'heap in use', unit: 'MB', divisor: 1e6, share: 0.3, least: 20e6 },
  handles: { title: 'active handles', unit: '', divisor: 1, share: 0.2, least: 20 },
  fds: { title: 'open file descriptors', unit: '', divisor: 1, share: 0.2, least: 20 },
  lag_p99_seconds: {
    title: 'event loop lag, p99',
    unit: 'ms',
    divisor: 1e-3,
    share: 1,
    least: 0.1,
  },
} as const

export type Figure = keyof typeof FIGURES

/** One figure of one process over time. */
export type Track = {
  readonly component: string
  readonly figure: Figure
  readonly readings: readonly Reading[]
}

export type JudgedTrack = Track & { readonly growth: Growth | null; readonly grows: boolean }

export function judgeTrack(track: Track): JudgedTrack {
  const growth = growthOf(track.readings)
  return { ...track, growth, grows: growth !== null && hasGrown(growth, FIGURES[track.figure]) }
}

/** What the system says of any process; nothing of one that is gone. */
export async function readProcess(pid: number): Promise<Partial<Record<Figure, number>>> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  if (resident === undefined) return {}
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => null)
  return {
    rss_bytes: Number(resident) * 1024,
    ...(fds === null ? {} : { fds: fds.length }),
  }
}

/** What one of our services says of itself at /metrics. */
export function readMetrics(text: string): Partial<Record<Figure, number>> {
  const names: Partial<Record<Figure, string>> = {
    heap_bytes: 'nodejs_heap_size_used_bytes',
    handles: 'nodejs_active_handles_total',
    lag_p99_seconds: 'nodejs_eventloop_lag_p99_seconds',
  }
  const found: Partial<Record<Figure, number>> = {}
  for (const [figure, name] of Object.entries(names) as [Figure, string][]) {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]
    // Of no measurement yet it says Nan.
    if (value !== undefined && Number.isFinite(Number(value))) found[figure] = Number(value)
  }
  return found
}
