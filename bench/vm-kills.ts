import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../lab/random.ts'
import { type Measurement, round } from './measurement.ts'
import { openSite } from './scale/site.ts'
import { countSamples, readMetric, settledTurns } from './spool/found.ts'

const COLLECTOR = 'http://127.0.0.1:15002'
const SKIPPED = 'wardline_slots_missed_total'

/** VictoriaMetrics is killed with -9, over and over: it loses what it had in memory, and is sent it again. */
export const vmKills: Measurement<{
  readonly devices: number
  readonly interval: number
  readonly minutes: number
  readonly kills: number
  readonly seed: number
}> = {
  title: 'Kills: VictoriaMetrics killed with -9 at random, and what is missing of what was probed',
  defaults: { devices: 10_000, interval: 10, minutes: 10, kills: 20, seed: 1 },
  async run({ devices, interval, minutes, kills, seed }, { say }) {
    const random = createRandom(`kills ${seed}`)
    say(`${devices} devices every ${interval} s: starting`)
    await using site = await openSite({ devices, collectors: 1, intervalSeconds: interval })
    await delay(2 * interval * 1_000)
    const skipped = await readMetric(COLLECTOR, SKIPPED)
    const from = Date.now()
    // One in each part of the time, anywhere in it.
    const part = (minutes * 60_000) / kills
    const instants = Array.from({ length: kills }, (_, n) => from + (n + random.next()) * part)
    for (const [n, at] of instants.entries()) {
      await delay(Math.max(0, at - Date.now()))
      process.kill(site.vmPid(), 'SIGKILL')
      say(`killed, ${n + 1} of ${kills}`)
    }
    await delay(Math.max(0, from + minutes * 60_000 - Date.now()) + 2 * interval * 1_000)
    const until = Date.now()
    while ((await readMetric(COLLECTOR, 'wardline_spool_bytes')) > 0) await delay(250)
    const drained = Date.now() - until
    const { due, found } = await countSamples(site.vmUrl, settledTurns(devices, interval, from))
    const missed = (await readMetric(COLLECTOR, SKIPPED)) - skipped
    const dropped = await readMetric(COLLECTOR, 'wardline_samples_dropped_total')
    const replayed = await readMetric(COLLECTOR, 'wardline_spool_replayed_total')
    return {
      tables: [
        {
          title: `${devices} devices, ${kills} kills in ${minutes} minutes`,
          columns: ['probes due', 'skipped', 'found', 'sent again', 'dropped', 'drained after s'],
          rows: [[due, missed, found, replayed, dropped, round(drained / 1_000)]],
        },
      ],
      bounds: [
        {
          what: 'samples probed − found',
          unit: 'samples',
          kind: 'most',
          bound: 0,
          measured: due - missed - found,
        },
      ],
    }
  },
}
