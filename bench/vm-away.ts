import { setTimeout as delay } from 'node:timers/promises'
import { forward } from '../lab/forward.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Measurement, percentile, round } from './measurement.ts'
import { type Site, openSite } from './scale/site.ts'
import { countSamples, readMetric, settledTurns } from './spool/found.ts'
import { readMemory } from './usage.ts'

const COLLECTOR = 'http://127.0.0.1:15002'
const SKIPPED = 'wardline_slots_missed_total'
const LINE = { host: '127.0.0.1', port: 8429 }
const VM = { host: '127.0.0.1', port: 8428 }
const LATE_MS = 5_000
/** Watched after the return; in that time all must be there. */
const AFTER_MS = 60_000

/** The line to VictoriaMetrics is cut for minutes: what the collector takes meanwhile, and how soon all is there. */
export const vmAway: Measurement<{
  readonly devices: number
  readonly interval: number
  readonly minutes: number
  readonly warmup: number
}> = {
  title: 'Away: minutes without VictoriaMetrics, memory meanwhile, and how soon all is there',
  defaults: { devices: 10_000, interval: 10, minutes: 10, warmup: 3 },
  async run({ devices, interval, minutes, warmup }, { say }) {
    let line = await forward(LINE, VM)
    say(`${devices} devices every ${interval} s: starting, then ${warmup} min of warm-up`)
    const vmUrl = `http://${LINE.host}:${LINE.port}`
    await using site = await openSite({ devices, collectors: 1, intervalSeconds: interval, vmUrl })
    await delay(warmup * 60_000)
    const skipped = await readMetric(COLLECTOR, SKIPPED)
    const from = Date.now()
    const before = await watchMemory(site, 30_000)
    say(`the line is cut for ${minutes} min`)
    await line[Symbol.asyncDispose]()
    const away = await watchMemory(site, minutes * 60_000)
    const waiting = await readMetric(COLLECTOR, 'wardline_spool_samples')
    const bytes = await readMetric(COLLECTOR, 'wardline_spool_bytes')
    say('it is mended')
    line = await forward(LINE, VM)
    await using _line = line
    const back = Date.now()
    const after = await watchReturn(site.vmUrl, back)
    const { due, found } = await countSamples(site.vmUrl, settledTurns(devices, interval, from))
    const missed = (await readMetric(COLLECTOR, SKIPPED)) - skipped
    const grown = percentile(away, 1) - percentile(before, 0.5)
    return {
      tables: [
        {
          title: `${devices} devices, ${minutes} minutes without VictoriaMetrics`,
          columns: [
            'RSS before MB',
            'RSS meanwhile, max MB',
            'samples that waited',
            'MB on disk',
            'all there after s',
            'probes due',
            'skipped',
            'found',
            'live samples late',
          ],
          rows: [
            [
              round(percentile(before, 0.5)),
              round(percentile(away, 1)),
              waiting,
              round(bytes / 1e6),
              round(after.drainedMs / 1_000),
              due,
              missed,
              found,
              after.late,
            ],
          ],
        },
      ],
      bounds: [
        { what: 'memory meanwhile', unit: 'MB', kind: 'most', bound: 50, measured: round(grown) },
        {
          what: 'until everything is there',
          unit: 's',
          kind: 'most',
          bound: 60,
          measured: round(after.drainedMs / 1_000),
        },
        {
          what: 'samples probed − found',
          unit: 'samples',
          kind: 'most',
          bound: 0,
          measured: due - missed - found,
        },
        {
          what: `live samples more than ${LATE_MS / 1_000} s late after the return`,
          unit: 'samples',
          kind: 'most',
          bound: 0,
          measured: after.late,
        },
      ],
    }
  },
}

/** Resident megabytes, each second. */
async function watchMemory({ collectors }: Site, durationMs: number): Promise<number[]> {
  const seen: number[] = []
  const until = Date.now() + durationMs
  while (Date.now() < until) {
    seen.push((await readMemory(collectors[0]?.pid ?? 0)).rssBytes / 1e6)
    await delay(1_000)
  }
  return seen
}

/** How long until nothing waits, and how many samples of the seconds since then weren't there when 5 s old. */
async function watchReturn(
  vmUrl: string,
  back: number,
): Promise<{ readonly drainedMs: number; readonly late: number }> {
  await using victoriaMetrics = connectVictoriaMetrics(vmUrl)
  const seen = new Map<number, number>()
  let drainedMs = Number.NaN
  for (let slot = Math.ceil(back / 1_000) * 1_000; slot < back + AFTER_MS; slot += 1_000) {
    await delay(Math.max(0, slot + LATE_MS - Date.now()))
    await victoriaMetrics.flush()
    seen.set(slot, await countAt(victoriaMetrics, slot))
    const waits = await readMetric(COLLECTOR, 'wardline_spool_bytes')
    if (Number.isNaN(drainedMs) && waits === 0) drainedMs = Date.now() - back
  }
  await delay(2 * LATE_MS)
  let late = 0
  for (const [slot, count] of seen) late += (await countAt(victoriaMetrics, slot)) - count
  return { drainedMs, late }
}

async function countAt(victoriaMetrics: VictoriaMetrics, slot: number): Promise<number> {
  const [row] = await victoriaMetrics.query('sum(count_over_time(ping_up[1s]))', { at: slot })
  return row?.value ?? 0
}
