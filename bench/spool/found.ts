import { offsetOf } from '../../collector/plan.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'

const SECOND = 1_000

/** What a collector says of itself, on /metrics, of all `kind`s or of one; 0 where it says nothing of it. */
export async function readMetric(collector: string, name: string, kind?: string): Promise<number> {
  const text = await (await fetch(`${collector}/metrics`)).text()
  const labels = kind === undefined ? '(?:\\{[^}]*\\})?' : `\\{[^}]*kind="${kind}"[^}]*\\}`
  const lines = text.matchAll(new RegExp(`^${name}${labels} (\\S+)$`, 'gm'))
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0)
}

/** Whole intervals of a fleet, in which each device has one turn. */
export type Turns = {
  readonly devices: number
  readonly intervalSeconds: number
  readonly from: number
  readonly to: number
}

/** Those that begin once a collector runs, at `from`, and of which everything should be stored by now. */
export function settledTurns(devices: number, intervalSeconds: number, from: number): Turns {
  const first = Math.ceil(from / SECOND) * SECOND
  const whole = Math.floor((Date.now() - 10 * SECOND - first) / (intervalSeconds * SECOND))
  return { devices, intervalSeconds, from: first, to: first + whole * intervalSeconds * SECOND }
}

/** Ping samples that are due in these turns, and those that VictoriaMetrics has, each once. */
export async function countSamples(
  vmUrl: string,
  { devices, intervalSeconds, from, to }: Turns,
): Promise<{ readonly due: number; readonly found: number }> {
  await using victoriaMetrics = connectVictoriaMetrics(vmUrl)
  await victoriaMetrics.flush()
  let found = 0
  await victoriaMetrics.exportSeries(
    'ping_up{device!="wardline-canary"}',
    { start: from, end: to - 1 },
    ({ labels, count, stampAt }) => {
      const offset = offsetOf(labels['device'] ?? '', intervalSeconds)
      // Probes of a burst, which follow one that failed, are beside the grid.
      const onGrid = Array.from({ length: count }, (_, index) => stampAt(index)).filter(
        (at) => at % SECOND === 0 && (at / SECOND) % intervalSeconds === offset,
      )
      found += new Set(onGrid).size
    },
    { timeoutMs: 120_000 },
  )
  return { due: (devices * (to - from)) / (intervalSeconds * SECOND), found }
}
