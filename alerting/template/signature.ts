import type { Kind, TemplateFunction } from './function.ts'
import { isTime } from './time.ts'
import { type Value, isList, typeName } from './value.ts'

/** Why a function doesn't take so many values; null where it does. */
export function countFlaw(
  name: string,
  { takes, rest }: TemplateFunction,
  count: number,
): string | null {
  if (count >= takes.length && (rest !== undefined || count === takes.length)) return null
  const expected = rest === undefined ? `${takes.length}` : `at least ${takes.length}`
  return `${name} takes ${expected}, got ${count}`
}

/** Why a function doesn't take the value where it takes that kind; null where it does. */
export const kindFlaw = (name: string, kind: Kind, value: Value): string | null =>
  fits(value, kind) ? null : `${name} expects ${KINDS[kind]}, got ${typeName(value)}`

/** What a function takes at a place, from 0. */
export const kindAt = ({ takes, rest }: TemplateFunction, index: number): Kind =>
  takes[index] ?? rest ?? 'any'

const KINDS: Readonly<Record<Kind, string>> = {
  any: 'a value',
  string: 'a text',
  float: 'a number with a fraction',
  int: 'a whole number',
  metric: 'a series, as first gives it',
  metrics: 'the result of query',
  time: 'a time',
}

function fits(value: Value, kind: Kind): boolean {
  switch (kind) {
    case 'any':
      return true
    case 'string':
      return typeof value === 'string'
    case 'float':
      return typeof value === 'number'
    case 'int':
      return typeof value === 'bigint'
    case 'time':
      return isTime(value)
    case 'metrics':
      return typeof value === 'object' && value !== null && isList(value)
    case 'metric':
      return (
        typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'struct'
      )
  }
}
