import { setTimeout as delay } from 'node:timers/promises'
import { connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Bound, type Measurement, round } from './measurement.ts'
import { type Rig, openRig } from './rig.ts'
import { type Usage, readChildren, readMemory, readUsage } from './usage.ts'

/** What wardline, its fping, VictoriaMetrics and Redis take while nothing happens, and with the page open. */
export const footprint: Measurement<{
  readonly devices: number
  readonly minutes: number
  readonly warmup: number
  readonly intervals: readonly number[]
}> = {
  title: 'Footprint: CPU and memory of each process, and samples stored ÷ due',
  defaults: { devices: 876, minutes: 10, warmup: 3, intervals: [10, 30] },
  async run({ devices, minutes, warmup, intervals }, { say }) {
    const processes: (string | number)[][] = []
    const samples: (string | number)[][] = []
    const bounds: Bound[] = []
    for (const interval of intervals) {
      say(`${devices} devices, ping every ${interval} s: starting, then ${warmup} min of warm-up`)
      await using rig = await openRig({ devices, intervalSeconds: interval })
      await delay(warmup * 60_000)
      for (const open of [false, true]) {
        const what = `${interval} s${open ? ', page open' : ''}`
        say(`${what}: ${minutes} min`)
        await using _page = open ? openPage(rig.apiUrl) : null
        const measured = await measure(rig, minutes * 60_000)
        for (const [name, row] of Object.entries(measured.processes))
          processes.push([what, name, ...row])
        const ratio = await storedRatio(rig, { ...measured, interval })
        samples.push(...ratio.map((row) => [what, ...row]))
        bounds.push(...boundsOf(what, measured, Number(ratio[0]?.at(-1))))
      }
    }
    return {
      tables: [
        {
          title: 'Processes',
          columns: [
            'ping interval',
            'process',
            'CPU % of a core',
            'RSS MB',
            'RSS MB max',
            'PSS MB',
          ],
          rows: processes,
        },
        {
          title: 'Samples (one in each interval of each device is due)',
          columns: ['ping interval', 'of', 'due', 'stored', 'stored ÷ due'],
          rows: samples,
        },
      ],
      bounds,
    }
  },
}

type Measured = {
  readonly from: number
  readonly to: number
  /** CPU %, RSS, largest RSS, PSS. */
  readonly processes: Readonly<Record<string, readonly (number | string)[]>>
  readonly wardlineCpuPercent: number
  readonly wardlineMb: number
}

const LOOK_EVERY_MS = 1_000
const SNMP_SECONDS = 60

async function measure({ pids, agents }: Rig, durationMs: number): Promise<Measured> {
  const names = { ...pids, agents: agents.pid }
  const seen = new Map<string, Pick<Usage, 'rssBytes' | 'pssBytes'>[]>()
  const note = (name: string, usage: Pick<Usage, 'rssBytes' | 'pssBytes'>) =>
    seen.set(name, [...(seen.get(name) ?? []), usage])
  const readAll = () => readEach(names)

  const from = Date.now()
  const before = await readAll()
  while (Date.now() < from + durationMs) {
    for (const [name, pid] of Object.entries(names)) note(name, await readMemory(pid))
    const fpings = (await readChildren(pids.wardline)).filter(({ name }) => name === 'fping')
    const memory = await Promise.all(fpings.map(({ pid }) => readMemory(pid).catch(() => null)))
    const running = memory.filter((usage) => usage !== null)
    note('fping', {
      rssBytes: sum(running.map(({ rssBytes }) => rssBytes)),
      pssBytes: sum(running.map(({ pssBytes }) => pssBytes)),
    })
    await delay(Math.max(0, Math.min(LOOK_EVERY_MS, from + durationMs - Date.now())))
  }
  const to = Date.now()
  const after = await readAll()

  const share = (seconds: number) => round((seconds / ((to - from) / 1000)) * 100, 2)
  const cpu = (name: keyof typeof names) => share(after[name].cpuSeconds - before[name].cpuSeconds)
  const row = (name: string, cpuPercent: number) => {
    const all = seen.get(name) ?? []
    const rss = all.map(({ rssBytes }) => rssBytes)
    const mean = (values: readonly number[]) => sum(values) / values.length
    return [
      cpuPercent,
      megabytes(mean(rss)),
      megabytes(Math.max(...rss)),
      megabytes(mean(all.map(({ pssBytes }) => pssBytes))),
    ]
  }
  const fpingCpu = share(after.wardline.childrenCpuSeconds - before.wardline.childrenCpuSeconds)
  const processes = {
    wardline: row('wardline', cpu('wardline')),
    'its fping': row('fping', fpingCpu),
    VictoriaMetrics: row('victoriaMetrics', cpu('victoriaMetrics')),
    Redis: row('redis', cpu('redis')),
    'SNMP agents (the lab)': row('agents', cpu('agents')),
  }
  const [wardlineCpuPercent = Number.NaN, , wardlineMb = Number.NaN] = processes.wardline
  return { from, to, processes, wardlineCpuPercent, wardlineMb }
}

async function readEach<K extends string>(pids: Record<K, number>): Promise<Record<K, Usage>> {
  const entries = Object.entries(pids) as [K, number][]
  const usages = await Promise.all(entries.map(async ([name, pid]) => [name, await readUsage(pid)]))
  return Object.fromEntries(usages) as Record<K, Usage>
}

/** What an open page does: it reads the event stream. */
function openPage(apiUrl: string): AsyncDisposable {
  const closed = new AbortController()
  const reading = fetch(`${apiUrl}/api/v1/events`, { signal: closed.signal })
    .then(async ({ body }) => {
      if (body !== null) for await (const _ of body);
    })
    .catch(() => {}) // the page was closed
  return {
    async [Symbol.asyncDispose]() {
      closed.abort()
      await reading
    },
  }
}

/** Samples are due once in each interval, so a window of whole intervals holds the same number at any phase. */
async function storedRatio(
  { vmUrl, fleet: { devices } }: Rig,
  { to, from, interval }: Measured & { interval: number },
): Promise<(string | number)[][]> {
  await using victoriaMetrics = connectVictoriaMetrics(vmUrl)
  await delay(15_000) // an SNMP poll may take 10 s, and its sample is stamped with its slot
  await victoriaMetrics.flush()
  const row = async (of: string, metric: string, targets: number, everySeconds: number) => {
    const intervals = Math.floor((to - from) / 1000 / everySeconds)
    const window = intervals * everySeconds
    const [found] = await victoriaMetrics.query(`sum(count_over_time(${metric}[${window}s]))`, {
      at: Math.floor(to / 1000) * 1000,
    })
    const due = targets * intervals
    const stored = found?.value ?? 0
    return [of, due, stored, round(stored / due, 5)]
  }
  const withSnmp = devices.filter(({ snmp }) => snmp !== undefined).length
  const kinds = [
    ['ping', 'ping_up', devices.length, interval],
    ['SNMP', 'snmp_up', withSnmp, SNMP_SECONDS],
  ] as const
  return await Promise.all(
    kinds
      // A run that is shorter than an interval says nothing about it.
      .filter(([, , , everySeconds]) => to - from >= everySeconds * 1000)
      .map(([of, metric, targets, everySeconds]) => row(of, metric, targets, everySeconds)),
  )
}

function boundsOf(
  what: string,
  { wardlineCpuPercent, wardlineMb }: Measured,
  ratio: number,
): Bound[] {
  return [
    {
      what: `wardline's own process, RSS (${what})`,
      unit: 'MB',
      kind: 'most',
      bound: 160,
      measured: wardlineMb,
    },
    {
      what: `wardline's own process, CPU (${what})`,
      unit: '% of a core',
      kind: 'most',
      bound: 10,
      measured: wardlineCpuPercent,
    },
    {
      what: `ping samples stored ÷ due (${what})`,
      unit: '',
      kind: 'least',
      bound: 0.999,
      measured: ratio,
    },
  ]
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const megabytes = (bytes: number): number => round(bytes / 1e6, 1)
