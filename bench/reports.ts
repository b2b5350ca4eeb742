import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openChild } from '../lab/child.ts'
import { startVictoriaMetrics } from '../lib/embedded/victoria-metrics.ts'
import { createLog } from '../lib/log.ts'
import { connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Measurement, percentile, round } from './measurement.ts'
import type { Asked as Answer, Question } from './reports/report-main.ts'
import { fillPast } from './reports/past.ts'
import { readUsage } from './usage.ts'

/** What it took, too: on a busy machine seconds say more of the others. */
type Asked = Answer & { readonly cpuSeconds: number; readonly storeCpuSeconds: number }

/** Reports of a month, cold and again, over what alerting and the collector write of one. */
export const reports: Measurement<{
  readonly devices: number
  readonly days: number
  readonly rounds: number
}> = {
  title: 'Availability reports: a month of a fleet from real VictoriaMetrics',
  defaults: { devices: 876, days: 30, rounds: 5 },
  async run({ devices, days, rounds }, { say }) {
    const folder = await mkdtemp(join(tmpdir(), 'wardline-bench-'))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const listen = { listen: '127.0.0.1:8428', retention: '1y' }
    const { signal } = new AbortController()
    const store = stack.use(await startVictoriaMetrics(listen, folder, createLog('error'), signal))
    const vm = stack.use(connectVictoriaMetrics(store.url))
    say(`${days} days of ${devices} devices are written`)
    const { from, until, turns } = await fillPast(vm, devices, days)
    await delay(20_000) // what was written is merged meanwhile, as a month would long be

    const reporter = new URL('./reports/report-main.ts', import.meta.url)
    const child = stack.use(
      await openChild<Question>(reporter, 'the process that makes the reports', {
        ask: 'connect',
        vmUrl: store.url,
        devices,
      }),
    )
    const cpuOf = async (pid: number): Promise<number> => (await readUsage(pid)).cpuSeconds
    const storePid = store.pid ?? 0
    const ask = async (by: 'device' | 'branch'): Promise<Asked> => {
      const [own, stores] = [await cpuOf(child.pid), await cpuOf(storePid)]
      const answer = (await child.ask({ ask: 'report', by, from, until })) as Answer
      const cpuSeconds = (await cpuOf(child.pid)) - own
      return { ...answer, cpuSeconds, storeCpuSeconds: (await cpuOf(storePid)) - stores }
    }
    const first = await ask('device')
    const again: Asked[] = []
    for (let round = 0; round < rounds; round++)
      again.push(await ask(round % 2 === 0 ? 'device' : 'branch'))
    const all = [first, ...again]
    const seconds = again.map((one) => one.seconds)
    say(`${turns} turns; ${first.outages} outages were told`)
    return {
      tables: [
        {
          title: `${days} days of ${devices} devices, ${turns} turns`,
          columns: ['report', 'seconds', 'CPU s', 'VictoriaMetrics CPU s', 'outages', 'RSS MB'],
          rows: all.map((one, index) => [
            index === 0 ? 'first' : 'again',
            round(one.seconds, 2),
            round(one.cpuSeconds, 2),
            round(one.storeCpuSeconds, 2),
            one.outages,
            round(one.rssMb),
          ]),
        },
      ],
      bounds: [
        {
          what: 'the first report',
          unit: 's',
          kind: 'most',
          bound: 2,
          measured: round(first.seconds, 2),
        },
        {
          what: 'reports after it, p95',
          unit: 's',
          kind: 'most',
          bound: 2,
          measured: round(percentile(seconds, 0.95), 2),
        },
      ],
    }
  },
}
