import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Life, Look, Missed, Shown } from './judge/history.ts'
import { isStaleUp } from './judge/shown.ts'
import type { Component } from './actors/component.ts'

/** Looks at wardline from outside until it is disposed. */
export type Observer = AsyncDisposable & {
  readonly looks: readonly Look[]
  readonly memory: readonly Life[]
}

type DeviceJson = {
  readonly id: string
  readonly status: string
  readonly down_since: string | null
  readonly sample_age_seconds: number | null
}

const LOOK_EVERY_MS = 1_000
const WEIGH_EVERY_MS = 5_000

export function observe(
  apiUrl: string,
  components: Iterable<Component>,
  intervalMs: number,
): Observer {
  const ended = new AbortController()
  const looks: Look[] = []
  const lives = new Map<
    number,
    { component: string; pid: number; readings: { at: number; bytes: number }[] }
  >()
  const shown = new Map<string, Shown>()
  const all = [...components]

  async function look(): Promise<void> {
    const answer = await readDevices(apiUrl)
    if (answer !== null)
      looks.push({ at: answer.at, devices: newsOf(answer.devices, shown, intervalMs) })
  }

  async function weigh(): Promise<void> {
    for (const { name, pid } of all) {
      if (pid === null) continue
      const bytes = await residentBytes(pid)
      const life = lives.get(pid) ?? { component: name, pid, readings: [] }
      lives.set(pid, life)
      if (bytes !== null) life.readings.push({ at: Date.now(), bytes })
    }
  }

  const every = async (ms: number, act: () => Promise<void>): Promise<void> => {
    while (!ended.signal.aborted) {
      await act().catch(() => {}) // the API is away, or a process is gone: that is what faults do
      await delay(ms, undefined, { signal: ended.signal }).catch(() => {})
    }
  }
  const running = [every(LOOK_EVERY_MS, look), every(WEIGH_EVERY_MS, weigh)]
  return {
    looks,
    get memory() {
      return [...lives.values()]
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
      await Promise.all(running)
    },
  }
}

/** What differs from the look before, and every device that is up by an old sample. Takes note of it in `shown`. */
export function newsOf(
  devices: readonly Shown[],
  shown: Map<string, Shown>,
  intervalMs: number,
): Shown[] {
  return devices.filter((device) => {
    const before = shown.get(device.id)
    shown.set(device.id, device)
    const isStale = isStaleUp(device, intervalMs)
    return isStale || before?.status !== device.status || before.downSince !== device.downSince
  })
}

/** Null where the API says that it can't tell, or says nothing. */
export async function readDevices(
  apiUrl: string,
): Promise<{ readonly at: number; readonly devices: Shown[] } | null> {
  const fields = 'id,status,down_since,sample_age_seconds'
  const response = await fetch(`${apiUrl}/api/v1/devices?fields=${fields}`, {
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null)
  if (response?.ok !== true) return null
  const at = Date.parse(response.headers.get('x-wardline-as-of') ?? '')
  const devices = ((await response.json()) as DeviceJson[]).map((device) => ({
    id: device.id,
    status: device.status,
    downSince: device.down_since === null ? null : Date.parse(device.down_since),
    sampleAgeMs: device.sample_age_seconds === null ? null : device.sample_age_seconds * 1000,
  }))
  return Number.isNaN(at) ? null : { at, devices }
}

async function residentBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const found = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return found === undefined ? null : Number(found) * 1024
}

type Exported = {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly number[]
  readonly timestamps: readonly number[]
}

/** What the collectors wrote about slots that they skipped. */
export async function readMissed(vmUrl: string, startAt: number): Promise<Missed[]> {
  const query = new URLSearchParams({
    'match[]': 'wardline_slots_missed_total{kind="ping"}',
    start: String(startAt / 1000),
    // Without it VictoriaMetrics mixes up what others read (docs/decisions/0012-exports-in-blocks.md).
    reduce_mem_usage: '1',
  })
  const response = await fetch(`${vmUrl}/api/v1/export?${query}`)
  const lines = (await response.text()).split('\n').filter((line) => line !== '')
  const blocks = Map.groupBy(
    lines.map((line) => JSON.parse(line) as Exported),
    ({ metric }) => JSON.stringify(metric),
  )
  return [...blocks.values()].flatMap((own) =>
    missedOf(
      own.flatMap(({ values, timestamps }) =>
        timestamps.map((at, place) => ({ at, total: values[place] ?? 0 })),
      ),
    ),
  )
}

/** From a counter, which begins anew with each process. */
export function missedOf(
  readings: readonly { readonly at: number; readonly total: number }[],
): Missed[] {
  return readings
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ at, total }, place, sorted): Missed[] => {
      const before = sorted[place - 1]
      if (before === undefined) return []
      const slots = total >= before.total ? total - before.total : total
      return slots === 0 ? [] : [{ from: before.at - 1_000, to: at, slots }]
    })
}
