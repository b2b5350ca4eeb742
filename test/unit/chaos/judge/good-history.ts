import { createPlan } from '../../../../collector/plan.ts'
import type { History, Look, Probed, Shown } from '../../../../chaos/judge/history.ts'
import type { FleetDevice } from '../../../../lab/fleet.ts'
import type { NotifiedAlert } from '../../../../lab/notification.ts'
import { type Sample, iso } from '../../../../lab/oracle.ts'
import type { Record } from '../../../../lab/recorder.ts'
import { type TruthEntry, outagesOf } from '../../../../lab/truth.ts'

export const INTERVAL_MS = 5_000
export const START = Date.UTC(2026, 10, 22, 12, 0, 0) + 700
export const END = START + 240_000
/** So many seconds after the start. */
export const after = (seconds: number): number => START + seconds * 1000

export const DEVICES: readonly FleetDevice[] = [
  device('leaf'),
  device('other'),
  device('router'),
  device('child', ['router']),
]

/** The outages of the story: a leaf, and a router with what lies behind it. */
export const TRUTH: readonly TruthEntry[] = [
  entry('leaf', 'down', 30),
  entry('leaf', 'up', 90),
  entry('router', 'down', 120),
  entry('child', 'down', 120),
  entry('router', 'up', 180),
  entry('child', 'up', 180),
]

export function entry(name: string, action: TruthEntry['action'], seconds: number): TruthEntry {
  const at = after(seconds)
  return { at, asked_at: at - 5, device: name, address: addressOf(name), action }
}

/** What a monitor that does everything right leaves behind. */
export function goodHistory(truth: readonly TruthEntry[] = TRUTH): History {
  const samples = samplesOf(truth)
  const { records, looks } = saidOf(truth, samples)
  return {
    collectors: 1,
    alertings: 1,
    devices: DEVICES,
    intervalMs: INTERVAL_MS,
    startAt: START,
    endAt: END,
    truth,
    faults: [],
    samples,
    probes: probesOf(samples),
    records,
    looks,
    missed: [],
    memory: [],
    deaths: [],
    inVain: [],
  }
}

function samplesOf(truth: readonly TruthEntry[]): Map<string, Sample[]> {
  const plan = createPlan(
    DEVICES.map(({ id }) => ({ key: id, intervalMs: INTERVAL_MS, target: id })),
  )
  const outages = outagesOf(truth)
  const samples = new Map<string, Sample[]>()
  for (const { id } of DEVICES) {
    const list: Sample[] = []
    const isDown = (at: number) =>
      outages.some(
        ({ device: own, down, up }) => own === id && at >= down.at && at < (up?.at ?? Infinity),
      )
    let extra = 0
    for (let at = Math.ceil(START / 1000) * 1000; at <= END; at += 1000) {
      const isDue = plan.nextSlot(id, at) === at
      if (!isDue && extra === 0) continue
      if (!isDue) extra--
      const up = !isDown(at)
      if (up) extra = 0
      else if (list.at(-1)?.up !== false) extra = 3
      list.push({ at, up, loss: up ? 0 : 1 })
    }
    samples.set(id, list)
  }
  return samples
}

/** Each sample was asked for, a moment after its slot began. */
function probesOf(samples: ReadonlyMap<string, readonly Sample[]>): Probed[] {
  return DEVICES.flatMap(({ id, address }) =>
    (samples.get(id) ?? []).map(({ at }) => ({
      collector: 'collector-1',
      from: at + 30,
      to: at + 230,
      addresses: [address],
    })),
  )
}

function saidOf(
  truth: readonly TruthEntry[],
  samples: ReadonlyMap<string, readonly Sample[]>,
): { records: Record[]; looks: Look[] } {
  const records: Record[] = []
  const looks: Look[] = [{ at: START, devices: DEVICES.map(({ id }) => shown(id, 'up', null)) }]
  for (const { device: id, down, up } of outagesOf(truth)) {
    const list = samples.get(id) ?? []
    const since = list.find(({ at, up: isUp }) => at >= down.at && !isUp)?.at ?? 0
    const until = list.find(({ at, up: isUp }) => at >= since && isUp)?.at ?? null
    const status = id === 'child' ? 'unreachable' : 'down'
    looks.push({ at: since + 4_000, devices: [shown(id, status, since)] })
    if (id !== 'child') records.push(told('firing', id, since, since + 4_000))
    if (up === null || until === null) continue
    looks.push({ at: until + 1_000, devices: [shown(id, 'up', null)] })
    if (id !== 'child') records.push(told('resolved', id, since, until + 1_000))
  }
  return {
    records: records.sort((a, b) => a.at - b.at),
    looks: looks.sort((a, b) => a.at - b.at),
  }
}

export const shown = (
  id: string,
  status: string,
  downSince: number | null,
  sampleAgeMs: number | null = 1_000,
): Shown => ({ id, status, downSince, sampleAgeMs })

export function told(
  status: NotifiedAlert['status'],
  id: string,
  since: number,
  at: number,
  { key = `${id}/${since}/${status}`, alertname = 'DeviceDown', taken = true } = {},
): Record {
  const alert: NotifiedAlert = {
    status,
    labels: { alertname, device: id },
    annotations: { down_since: iso(since) ?? '' },
    startsAt: iso(since) ?? '',
    endsAt: iso(at) ?? '',
  }
  return { at, taken, idempotencyKey: key, body: '', alerts: [alert] }
}

function device(id: string, parents: readonly string[] = []): FleetDevice {
  return {
    id,
    name: id,
    address: addressOf(id),
    branch: 'one',
    region: 'one',
    type: 'terminal',
    vendor: '',
    model: '',
    parents,
  }
}

function addressOf(id: string): string {
  return `198.18.0.${['leaf', 'other', 'router', 'child'].indexOf(id) + 1}`
}
