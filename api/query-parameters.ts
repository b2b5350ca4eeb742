import { didYouMean } from '../lib/config/nearest.ts'
import { Problem } from './problem.ts'

/** Reads one parameter's values into what the route wants; throws a Problem that names the valid ones. */
export type Parameter<T> = (name: string, values: readonly string[]) => T

export type Parameters = Readonly<Record<string, Parameter<unknown>>>
export type Read<P extends Parameters> = { [K in keyof P]: ReturnType<P[K]> }

/** The query of a request, read by its parameters. A parameter that the route doesn't have is a 400. */
export function readParameters<P extends Parameters>(url: string, parameters: P): Read<P> {
  const { searchParams } = new URL(url)
  for (const name of searchParams.keys()) {
    if (!Object.hasOwn(parameters, name)) refuse(name, null, Object.keys(parameters))
  }
  const read = Object.entries(parameters).map(([name, parameter]) => [
    name,
    parameter(name, searchParams.getAll(name)),
  ])
  return Object.fromEntries(read) as Read<P>
}

/** One of `valid`, or the default. */
export function oneOf<T extends string>(valid: readonly T[], otherwise: T): Parameter<T> {
  return (name, values) => {
    const text = single(name, values)
    if (text === undefined) return otherwise
    return valid.find((word) => word === text) ?? refuse(name, text, valid)
  }
}

/** Any of `valid`, separated by commas or repeated; null when the parameter isn't there. */
export function anyOf<T extends string>(valid: readonly T[]): Parameter<readonly T[] | null> {
  return (name, values) => {
    if (values.length === 0) return null
    const words = values.flatMap((value) => value.split(',')).map((word) => word.trim())
    return words.map((text) => valid.find((word) => word === text) ?? refuse(name, text, valid))
  }
}

/** Any of the values that the fleet has, repeated for several (they may hold commas); null when it isn't there. */
export function anyKnown(known: () => Iterable<string>): Parameter<ReadonlySet<string> | null> {
  return (name, values) => {
    if (values.length === 0) return null
    const valid = new Set(known())
    for (const value of values) if (!valid.has(value)) refuse(name, value, [...valid])
    return new Set(values)
  }
}

/** Free text, '' when it isn't there. */
export const freeText: Parameter<string> = (name, values) => single(name, values)?.trim() ?? ''

export function wholeNumber<T>(
  { min, max }: { min: number; max: number },
  otherwise: T,
): Parameter<number | T> {
  return (name, values) => {
    const text = single(name, values)
    if (text === undefined) return otherwise
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    throw new Problem(
      400,
      'Bad parameter',
      `${name}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`,
      { parameter: name },
    )
  }
}

function single(name: string, values: readonly string[]): string | undefined {
  if (values.length <= 1) return values[0]
  throw new Problem(400, 'Bad parameter', `${name}: given ${values.length} times, expected once`, {
    parameter: name,
  })
}

/** How many valid words a message spells out; the member `valid` has them all, up to a bound. */
const SPELLED_OUT = 20
const LISTED = 1_000

function refuse(name: string, value: string | null, valid: readonly string[]): never {
  const words = valid.slice(0, SPELLED_OUT).map((word) => (word === '' ? '""' : word))
  const rest = valid.length - words.length
  const list = `${words.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  const detail =
    value === null
      ? `unknown parameter ${name}${didYouMean(name, valid)}; valid ones: ${list || 'none'}`
      : `${name}: unknown value ${JSON.stringify(value)}${didYouMean(value, valid)}; valid ones: ${list || 'none'}`
  throw new Problem(400, 'Bad parameter', detail, {
    parameter: name,
    valid: valid.slice(0, LISTED),
  })
}
