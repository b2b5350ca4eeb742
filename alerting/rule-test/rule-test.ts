import type { Problem } from '../../lib/config/problem.ts'
import type { Labels } from '../../lib/labels.ts'
import type { STALE } from '../../lib/remote-write.ts'
import type { RuleGroup } from '../rule.ts'

/** One test of rules: what is stored, and what must come of it. Instants of its cases count from `startAt`. */
export type RuleTest = {
  readonly name: string
  readonly place: Place
  /** In the order in which they are evaluated. */
  readonly groups: readonly RuleGroup[]
  readonly startAt: number
  readonly evaluationIntervalMs: number
  /** Between two values of a series. */
  readonly intervalMs: number
  /** Whose meaning counts where the two differ: vmalert adds its external labels to all that a rule makes. */
  readonly style: 'vmalert' | 'prometheus'
  readonly externalLabels: Labels
  readonly externalUrl: string
  readonly series: readonly InputSeries[]
  readonly alerts: readonly AlertCase[]
  readonly queries: readonly QueryCase[]
  /** Values that differ in their last digit alone are the same. */
  readonly isFuzzy: boolean
}

export type Place = Pick<Problem, 'file' | 'line' | 'path'>

/** One step of a series; null: nothing. */
export type InputValue = number | typeof STALE | null

/** `labels` with `__name__`. */
export type InputSeries = { readonly labels: Labels; readonly values: readonly InputValue[] }

/** The alerts of a rule that fire at an instant. */
export type AlertCase = {
  readonly place: Place
  readonly atMs: number
  /** Null: of all groups, whose label `alertgroup` isn't compared then. */
  readonly group: string | null
  readonly alert: string
  readonly expected: readonly ExpectedAlert[]
}

/** Without `alertname` and `alertgroup`. */
export type ExpectedAlert = { readonly labels: Labels; readonly annotations: Labels }

/** What an expression gives at an instant. */
export type QueryCase = {
  readonly place: Place
  readonly atMs: number
  readonly expr: string
  readonly expected: readonly ExpectedSample[]
}

/** `labels` with `__name__` where there is one. */
export type ExpectedSample = { readonly labels: Labels; readonly value: number }

/** When tests begin that don't say it, as in vmalert-tool. */
export const START_AT = Date.UTC(2000, 0, 1)

/** The instant of the last case, from the start. */
export function lastAtMs({ alerts, queries }: RuleTest): number {
  return [...alerts, ...queries].reduce((last, { atMs }) => Math.max(last, atMs), 0)
}
