import type { FleetDevice } from '../../lab/fleet.ts'
import { encodeLine } from '../../lib/line-protocol.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'

const DAY_MS = 86_400_000
/** Each ping is three values. */
const VALUES = 3
/** However large the fleet: a longer interval for a larger one. */
const MOST_VALUES = 120_000_000
const LINES_AT_ONCE = 20_000

/** Gives the fleet a past of so many days; resolves with how many values that was. */
export async function writeHistory(
  url: string,
  devices: readonly FleetDevice[],
  days: number,
  say: (text: string) => void,
): Promise<number> {
  await using vm = connectVictoriaMetrics(url)
  const perInstant = devices.length * VALUES
  const stepMs = Math.max(
    30_000,
    Math.ceil((days * DAY_MS * perInstant) / MOST_VALUES / 1000) * 1000,
  )
  const end = Math.floor(Date.now() / stepMs) * stepMs - stepMs
  const labels = devices.map(({ id, branch, region }) =>
    encodeLine({
      measurement: 'ping',
      labels: { device: id, branch, region, vantage: 'bench' },
      fields: { up: 1 },
      at: 0,
    }).replace(/ up=.*/s, ''),
  )
  let lines: string[] = []
  let written = 0
  const flush = async (): Promise<void> => {
    await vm.writeLines(lines.join('\n'))
    written += lines.length * VALUES
    lines = []
  }
  for (let at = end - days * DAY_MS; at <= end; at += stepMs) {
    for (const [index, identity] of labels.entries()) {
      const rtt = 1 + ((index * 7 + at / stepMs) % 40)
      lines.push(`${identity} up=1,rtt_seconds=${rtt / 1000},loss_ratio=0 ${at}`)
      if (lines.length >= LINES_AT_ONCE) await flush()
    }
  }
  await flush()
  await vm.flush()
  say(`${Math.round(written / 1e6)} million values of ${days} days, one each ${stepMs / 1000} s`)
  return written
}
