import { BLIND_MARK_MS, markSample } from '../../../lib/blindness.ts'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import {
  STALE,
  type SeriesSample,
  type StaleSample,
  encodeWriteRequest,
} from '../../../lib/remote-write.ts'
import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'

// What alerting and the collector would have written of a past that a test tells, and no more.

const ASSERT_MS = 300_000
const REWRITE_MS = 15_000
const BATCH = 5_000

export type Past = {
  readonly from: number
  readonly until: number
  /** Times in which alerting wasn't running. */
  readonly paused?: readonly (readonly [number, number])[]
}

/** [at, up]: `null` says that the device was switched off. */
export type Turns = readonly (readonly [number, boolean | null])[]

export async function write(vm: VictoriaMetrics, samples: readonly Sample[]): Promise<void> {
  for (let start = 0; start < samples.length; start += BATCH)
    await vm.writeLines(
      samples
        .slice(start, start + BATCH)
        .map(encodeLine)
        .join('\n'),
    )
}

/** The watermark of each evaluation. */
export function evaluations({ from, until, paused = [] }: Past): Sample[] {
  return every(REWRITE_MS, from, until, paused).map((at) => ({
    measurement: '',
    labels: { component: 'alerting' },
    fields: { wardline_availability_watermark_seconds: at / 1000 },
    at,
  }))
}

/** The states of a device: at each turn, which is looked up later where alerting was paused, and again every five minutes. */
export function states(of: Device, turns: Turns, { from, until, paused = [] }: Past): Sample[] {
  const stateAt = (at: number) => turns.findLast(([turn]) => turn <= at)
  const first = turns[0]?.[0] ?? until
  const again = every(ASSERT_MS, Math.max(from, first), until, paused)
  return [...turns.map(([at]) => at), ...again].flatMap((at) => {
    const [since, up] = stateAt(at) ?? [0, null]
    if (up === null && !turns.some(([turn]) => turn === at)) return []
    return {
      measurement: 'device_state',
      labels: { device: of.id },
      fields: { up: up === null ? -1 : Number(up), since: since / 1000 },
      at,
    }
  })
}

/** The answers of a device, but for the times in which nothing was asked. */
export function pings(
  of: Device,
  { from, until }: Past,
  silent: readonly (readonly [number, number])[],
  up = 1,
): Sample[] {
  return every(of.ping.intervalMs, from, until, silent).map((at) => ({
    measurement: 'ping',
    labels: { ...identityLabels(of), vantage: 'v1' },
    fields: { up },
    at,
  }))
}

/** The marks of a collector that lost its network. */
export const blindness = (vantage: string, [since, until]: readonly [number, number]): Sample[] =>
  every(BLIND_MARK_MS, since, until, []).map((at) => markSample({ vantage, at, since }))

/** `device_status{status="unknown"}`, with the staleness marker at its end. */
export async function writeUnknown(
  vm: VictoriaMetrics,
  of: Device,
  [from, until]: readonly [number, number],
): Promise<void> {
  const labels = { __name__: 'device_status', ...identityLabels(of), status: 'unknown' }
  const samples: (SeriesSample | StaleSample)[] = every(REWRITE_MS, from, until, []).map((at) => ({
    labels,
    value: 1,
    at,
  }))
  await vm.remoteWrite(encodeWriteRequest([...samples, { labels, value: STALE, at: until }]))
}

function every(
  step: number,
  from: number,
  until: number,
  without: readonly (readonly [number, number])[],
): number[] {
  const all: number[] = []
  for (let at = from; at < until; at += step)
    if (!without.some(([start, end]) => start <= at && at < end)) all.push(at)
  return all
}
