import type { Fleet } from '../../../../alerting/availability/fleet.ts'
import {
  type AvailabilityWatch,
  type Transition,
  createAvailabilityWatch,
} from '../../../../alerting/availability/watch.ts'
import type { Inventory } from '../../../../lib/inventory.ts'
import type { DeviceState, Status } from '../../../../lib/status.ts'
import type { VictoriaMetrics } from '../../../../lib/victoriametrics.ts'
import { recordLog } from '../../../fakes/log.ts'

export const T = Date.UTC(2026, 10, 22, 12)
export const SECOND = 1_000

/** A ping sample, and when it is stored. */
export type Stored = {
  readonly id: string
  readonly at: number
  readonly up: boolean
  readonly vantage: string
  readonly storedAt: number
}

type Row = {
  readonly name: string
  readonly labels: Record<string, string>
  readonly value: number
  readonly at: number
}

export type Seen = {
  readonly fleet: Fleet
  readonly statuses: Readonly<Record<string, Status>>
  readonly transitions: readonly Transition[]
  readonly late: ReadonlyMap<string, number | null>
}

/** VictoriaMetrics, as far as the watch asks it, with what tests and the watch itself store; and that watch. */
export function standOver(inventory: Inventory) {
  const samples: Stored[] = []
  const rows: Row[] = []
  const asked: string[] = []
  /** What was written of the states, by its stamp. */
  const kept: Transition[] = []
  let now = 0
  let isAway = false
  let watermark: number | null = null
  const last = (name: string, windowMs: number, at: number): Row[] => {
    const newest = new Map<string, Row>()
    for (const row of rows) {
      if (row.name !== name || row.at > Math.min(at, now) || row.at <= at - windowMs) continue
      const key = JSON.stringify(row.labels)
      if ((newest.get(key)?.at ?? -Infinity) <= row.at) newest.set(key, row)
    }
    return [...newest.values()]
  }
  const stored = (from: number, to: number): Stored[] =>
    samples.filter(({ at, storedAt }) => at >= from && at <= to && storedAt <= now)

  const victoriaMetrics = {
    async flush() {
      if (isAway) throw new Error('away')
      return true
    },
    async query(expr: string, { at = 0 } = {}) {
      asked.push(expr)
      if (expr.includes('wardline_collector_info'))
        return [
          ...last('wardline_collector_info', 150_000, at),
          ...last('wardline_spool_from_seconds', 12_000, at),
        ].map(({ name, labels, value }) => ({
          labels: { ...labels, __name__: name },
          value,
          at,
        }))
      if (expr.startsWith('max by (device, vantage)')) {
        const windowMs = 1000 * Number(/\[(\d+)s\]/.exec(expr)?.[1])
        const newest = new Map<string, Stored>()
        for (const one of stored(at - windowMs, at)) {
          const key = `${one.id} ${one.vantage}`
          if ((newest.get(key)?.at ?? 0) <= one.at) newest.set(key, one)
        }
        return [...newest.values()].map((one) => ({
          labels: { device: one.id, vantage: one.vantage },
          value: one.at / 1000,
          at,
        }))
      }
      if (expr.includes('wardline_availability_watermark_seconds'))
        return watermark === null ? [] : [{ labels: {}, value: watermark / 1000, at }]
      if (expr.includes('device_state_')) {
        const states = lastWords(kept.filter((one) => one.at <= at))
        return [...states].flatMap(([device, state]) => [
          { labels: { device, __name__: 'device_state_up' }, value: Number(state.up), at },
          { labels: { device, __name__: 'device_state_since' }, value: state.since / 1000, at },
        ])
      }
      const gapMs = Number(/^min\(tfirst_over_time\(ping_up\{[^}]*\}\[(\d+)ms/.exec(expr)?.[1] ?? 0)
      const first = Math.min(...stored(at - gapMs + 1, at).map((one) => one.at))
      return Number.isFinite(first) ? [{ labels: {}, value: first / 1000, at }] : []
    },
    async exportCsv(
      match: string,
      columns: readonly string[],
      range: { start: number; end: number },
    ) {
      asked.push(`export ${match} ${columns.join(',')}`)
      if (match !== 'ping_up') return ''
      const isByVantage = columns.includes('vantage')
      return stored(range.start, range.end)
        .map(({ id, at, up, vantage }) =>
          [at, Number(up), ...(isByVantage ? [vantage] : []), id].join(','),
        )
        .join('\n')
    },
  }
  const create = (): AvailabilityWatch =>
    createAvailabilityWatch(victoriaMetrics as unknown as VictoriaMetrics, recordLog().log)
  let watch = create()

  return {
    asked,
    kept,
    store: (...all: readonly Stored[]) => void samples.push(...all),
    /** A collector says of which site it is, each minute of an hour. */
    site(vantage: string, site: string) {
      for (let at = T - 60 * SECOND; at < T + 3_600 * SECOND; at += 60 * SECOND)
        rows.push({ name: 'wardline_collector_info', labels: { vantage, site }, value: 1, at })
    },
    /** The oldest of its samples that waits at `at`; 0: none does. */
    waits: (vantage: string, from: number, at: number) =>
      void rows.push({
        name: 'wardline_spool_from_seconds',
        labels: { vantage },
        value: from / 1000,
        at,
      }),
    away: (is: boolean) => void (isAway = is),
    restart: () => void (watch = create()),
    async read(at: number): Promise<Seen> {
      now = at
      const reading = await watch.read(inventory, at, new AbortController().signal)
      const { fleet, transitions, late } = reading
      kept.push(...transitions)
      watermark = reading.watermark
      return { fleet, transitions, late, statuses: Object.fromEntries(fleet.statuses) }
    },
    /** What whoever asks for the last word of each state is told. */
    words: (): Map<string, DeviceState> => lastWords(kept),
  }
}

/** Of two words of one instant VictoriaMetrics keeps one; none of these tests may depend on which. */
function lastWords(all: readonly Transition[]): Map<string, DeviceState> {
  const words = new Map<string, Transition>()
  for (const one of all) {
    const known = words.get(one.device)
    if (known === undefined || one.at >= known.at) words.set(one.device, one)
  }
  return new Map(
    [...words].flatMap(([id, { state }]) => (state === null ? [] : [[id, state] as const])),
  )
}
