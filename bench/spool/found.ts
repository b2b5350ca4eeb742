import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'

const SECOND = 1_000

/** What a collector says of itself, on /metrics, of all `kind`s or of one; 0 where it says nothing of it. */
export async function readMetric(collector: string, name: string, kind?: string): Promise<number> {
  const text = await (await fetch(`${collector}/metrics`)).text()
  const labels = kind === undefined ? '(?:\\{[^}]*\\})?' : `\\{[^}]*kind="${kind}"[^}]*\\}`
  const lines = text.matchAll(new RegExp(`^${name}${labels} (\\S+)$`, 'gm'))
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0)
}

/** Ping samples that are due from the first of each device up to `to`, and those that VictoriaMetrics has, each once. */
export async function countSamples(
  vmUrl: string,
  intervalSeconds: number,
  to: number,
): Promise<{ readonly due: number; readonly found: number }> {
  await using victoriaMetrics = connectVictoriaMetrics(vmUrl)
  await victoriaMetrics.flush()
  let [due, found] = [0, 0]
  await victoriaMetrics.exportSeries(
    'ping_up{device!="wardline-canary"}',
    { start: to - 7_200 * SECOND, end: to },
    ({ count, stampAt }) => {
      const first = stampAt(0)
      // Probes of a burst, which follow one that failed, are beside the grid.
      const onGrid = Array.from({ length: count }, (_, index) => stampAt(index)).filter(
        (at) => (at - first) % (intervalSeconds * SECOND) === 0,
      )
      found += new Set(onGrid).size
      due += Math.floor((to - first) / (intervalSeconds * SECOND)) + 1
    },
    { timeoutMs: 120_000 },
  )
  return { due, found }
}

/** The newest second of which everything should be stored by now. */
export const settledSecond = (): number => Math.floor(Date.now() / SECOND) * SECOND - 10 * SECOND
