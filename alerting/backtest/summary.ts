import type { Reason } from '../notify/notification.ts'
import type { LocalTime } from './local-time.ts'
import { type Told, toldIn } from './told.ts'
import type { Message } from './world.ts'

/** What all messages of a set of rules amount to. */
export type Summary = {
  readonly messages: number
  readonly receivers: readonly ReceiverSummary[]
  /** Occurrences of alerts that were told. */
  readonly problems: number
  readonly nights: Nights
  readonly rules: readonly Count[]
  readonly devices: readonly Count[]
  readonly branches: readonly Count[]
  /** From the beginning of a problem to the first message; null where there is none. */
  readonly delay: Delays | null
  readonly timeline: readonly Count[]
}

export type ReceiverSummary = {
  readonly receiver: string
  readonly messages: number
  readonly reasons: Readonly<Partial<Record<Reason, number>>>
  readonly nights: Nights
}

/** Pages, messages with something new or told again, between 22:00 and 07:00. */
export type Nights = {
  readonly count: number
  readonly pages: number
  readonly perNight: number
  /** Those with pages, the worst first. */
  readonly worst: readonly Count[]
}

export type Count = { readonly name: string; readonly count: number }

type Percentiles = { readonly p50Ms: number; readonly p95Ms: number; readonly maxMs: number }

export type Delays = Percentiles & {
  /** By rule, the slowest first. */
  readonly rules: readonly (Percentiles & { readonly name: string })[]
}

export type Period = { readonly from: number; readonly to: number }

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** A longer time is drawn day by day. */
const MOST_HOURS = 72

export function summarize(messages: readonly Message[], period: Period, clock: LocalTime): Summary {
  const told = toldIn(messages)
  const nights = nightsIn(period, clock)
  const receivers = [...Map.groupBy(messages, ({ receiver }) => receiver)].sort(byName)
  return {
    messages: messages.length,
    receivers: receivers.map(([receiver, own]) => ({
      receiver,
      messages: own.length,
      reasons: reasonsOf(own),
      nights: pagesOf(own, nights, clock),
    })),
    problems: told.length,
    nights: pagesOf(messages, nights, clock),
    rules: counts(told.map(({ labels }) => labels['alertname'] ?? '')),
    devices: counts(told.flatMap(({ labels }) => labels['device'] ?? [])),
    branches: counts(told.flatMap(({ labels }) => labels['branch'] ?? [])),
    // What began before the replayed time was told then.
    delay: delaysOf(told.filter(({ since }) => since >= period.from)),
    timeline: timelineOf(messages, period, clock),
  }
}

const byName = ([one]: readonly [string, ...unknown[]], [other]: readonly [string, ...unknown[]]) =>
  one < other ? -1 : 1

const isPage = ({ notification: { reason } }: Message): boolean =>
  reason === 'first notification' ||
  reason === 'new alerts added' ||
  reason === 'repeat interval elapsed'

function reasonsOf(messages: readonly Message[]): Partial<Record<Reason, number>> {
  const reasons: Partial<Record<Reason, number>> = {}
  for (const { notification } of messages)
    reasons[notification.reason] = (reasons[notification.reason] ?? 0) + 1
  return reasons
}

function nightsIn({ from, to }: Period, { night }: LocalTime): ReadonlySet<string> {
  const nights = new Set<string>()
  for (let at = from; at < to; at += HOUR_MS) {
    const name = night(at)
    if (name !== null) nights.add(name)
  }
  return nights
}

function pagesOf(
  messages: readonly Message[],
  nights: ReadonlySet<string>,
  { night }: LocalTime,
): Nights {
  const worst = counts(messages.filter(isPage).flatMap(({ at }) => night(at) ?? []))
  const pages = worst.reduce((sum, { count }) => sum + count, 0)
  return { count: nights.size, pages, perNight: nights.size === 0 ? 0 : pages / nights.size, worst }
}

/** Most first; of equal ones by name. */
export function counts(names: readonly string[]): Count[] {
  const found = new Map<string, number>()
  for (const name of names) if (name !== '') found.set(name, (found.get(name) ?? 0) + 1)
  return [...found]
    .map(([name, count]) => ({ name, count }))
    .sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1))
}

function delaysOf(told: readonly Told[]): Delays | null {
  if (told.length === 0) return null
  const byRule = Map.groupBy(told, ({ labels }) => labels['alertname'] ?? '')
  const rules = [...byRule].map(([name, own]) => ({ name, ...percentiles(own) }))
  rules.sort((one, other) => other.p50Ms - one.p50Ms)
  return { ...percentiles(told), rules }
}

function percentiles(told: readonly Told[]): Percentiles {
  const delays = told.map(({ toldAt, since }) => toldAt - since).sort((one, other) => one - other)
  // The smallest that so many are not above.
  const at = (share: number): number => delays[Math.ceil(share * delays.length) - 1] ?? 0
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) }
}

/** Messages by the hour, or by the day where that would be too many lines; those without any, too. */
function timelineOf(messages: readonly Message[], { from, to }: Period, clock: LocalTime): Count[] {
  const isLong = to - from > MOST_HOURS * HOUR_MS
  const nameOf = isLong ? clock.day : clock.hour
  const found = new Map<string, number>()
  for (let at = from; at < to; at += isLong ? DAY_MS / 2 : HOUR_MS / 2) found.set(nameOf(at), 0)
  for (const { at } of messages) found.set(nameOf(at), (found.get(nameOf(at)) ?? 0) + 1)
  return [...found].sort(byName).map(([name, count]) => ({ name, count }))
}
