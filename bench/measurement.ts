import type { Network } from '../lab/network.ts'

/** What can be set on the command line: `--minutes 2`, `--intervals 10,30`. */
export type Parameters = Readonly<Record<string, number | readonly number[]>>

export type Table = {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** A promise of the README and what came out. */
export type Bound = {
  readonly what: string
  readonly unit: string
  readonly bound: number
  /** `most`: the measured value may not be above the bound; `least`: not below it. */
  readonly kind: 'most' | 'least'
  readonly measured: number
}

export type Result = { readonly tables: readonly Table[]; readonly bounds: readonly Bound[] }

/** One file of bench/: what it measures, and how. */
export type Measurement<P extends Parameters = Parameters> = {
  readonly title: string
  readonly defaults: P
  /** Inside a network namespace of its own; `say` tells how far it is. */
  run(parameters: P, lab: { network: Network; say: (text: string) => void }): Promise<Result>
}

export const holds = ({ kind, bound, measured }: Bound): boolean =>
  kind === 'most' ? measured <= bound : measured >= bound

/** The smallest value that this share of the values doesn't exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const round = (value: number, digits = 1): number =>
  Math.round(value * 10 ** digits) / 10 ** digits
