import type { Value } from './value.ts'

/** What a function of the template takes at a place; a number that is written in the template fits `float` too. */
export type Kind = 'any' | 'string' | 'float' | 'int' | 'metric' | 'metrics' | 'time'

/** What functions know of the rendering. */
export type Environment = {
  /** The result of a query, if it was made already; otherwise rendering stops, and begins anew once it is there. */
  query(expr: string): Value
  readonly externalUrl: string
  /** The evaluation's instant, Unix milliseconds. */
  readonly at: number
}

export type TemplateFunction = {
  readonly takes: readonly Kind[]
  /** What follows, any number of them. */
  readonly rest?: Kind
  /** Throws an Error that says what is wrong with the values. */
  call(values: readonly Value[], environment: Environment): Value
}
