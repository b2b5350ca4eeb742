import { describeSamples, iso } from '../lab/oracle.ts'
import { heardOf } from '../lab/recorder.ts'
import { describeFault } from './fault.ts'
import type { History, Violation } from './judge/history.ts'
import { expectedOutages } from './judge/outages.ts'

/** Of each kind so many are told in full. */
const IN_FULL = 5
const AROUND_MS = 30_000

/** What a person reads: figures, then each violation with what happened around it. */
export function reportOf(history: History, violations: readonly Violation[]): string {
  const lines = [figuresOf(history)]
  for (const [kind, own] of Map.groupBy(violations, (violation) => violation.kind)) {
    lines.push('', `${kind}: ${own.length}`)
    for (const violation of own.slice(0, IN_FULL)) lines.push(...explain(history, violation))
    if (own.length > IN_FULL) lines.push(`  and ${own.length - IN_FULL} more`)
  }
  if (violations.length === 0) lines.push('No violation.')
  return lines.join('\n')
}

function figuresOf(history: History): string {
  const { samples, records, truth, faults, looks, missed } = history
  const count = [...samples.values()].reduce((sum, own) => sum + own.length, 0)
  const outages = truth.filter(({ action }) => action === 'down').length
  // A run in which nothing had to be told says nothing about telling.
  const certain = [...expectedOutages(history).values()]
    .flat()
    .filter(({ telling }) => telling === 'must').length
  const skipped = missed.reduce((sum, { slots }) => sum + slots, 0)
  const alerts = Map.groupBy(
    records.flatMap((record) => record.alerts.filter(({ status }) => status === 'firing')),
    ({ labels }) => labels['alertname'] ?? '',
  )
  const names = [...alerts].map(([name, own]) => `${name} ${own.length}`).join(', ')
  return (
    `\n${faults.length} faults, ${outages} outages of devices, ${certain} of which had to be told whatever was done; ${count} samples, ${skipped} probes skipped; ` +
    `${records.length} requests to the receiver (${names || 'nothing fired'}); ${looks.length} looks at the API`
  )
}

function explain(history: History, { at, device, what }: Violation): string[] {
  const lines = [`  ${clock(at)} ${device ?? ''} ${what}`]
  for (const { fault, from, to } of history.faults)
    if (from <= at + AROUND_MS && to >= at - AROUND_MS)
      lines.push(`      ${clock(from)} to ${clock(to)} ${describeFault(fault)}`)
  if (device === undefined) return lines
  const isNear = (instant: number) => Math.abs(instant - at) <= 2 * AROUND_MS
  const done = history.truth.filter((entry) => entry.device === device && isNear(entry.at))
  const heard = heardOf(history.records, 'DeviceDown').get(device) ?? []
  const shown = history.looks.flatMap((look) =>
    look.devices
      .filter(({ id }) => id === device && isNear(look.at))
      .map(
        ({ status, downSince }) =>
          `${clock(look.at)} ${status}${downSince === null ? '' : ` since ${clock(downSince)}`}`,
      ),
  )
  return [
    ...lines,
    `      done: ${done.map((entry) => `${clock(entry.at)} ${entry.action}`).join(', ') || 'nothing'}`,
    `      samples: ${describeSamples((history.samples.get(device) ?? []).filter((sample) => isNear(sample.at)))}`,
    `      told: ${heard.map(({ status, annotations, receivedAt }) => `${clock(receivedAt)} ${status} since ${annotations['down_since']?.slice(11, 23)}`).join(', ') || 'nothing'}`,
    `      shown: ${shown.join(', ') || 'no change'}`,
  ]
}

export const clock = (at: number): string => (iso(at) ?? '').slice(11, 23)
