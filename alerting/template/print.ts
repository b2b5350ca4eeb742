import { formatFloat } from './float.ts'
import { durationText, timeText } from './time.ts'
import { type Value, isList, sortedKeys } from './value.ts'

/** A value as `{{ … }}` writes it. */
export const printed = (value: Value): string => (value === null ? '<no value>' : textOf(value))

/** A value as Go's `%v` has it. */
export function textOf(value: Value): string {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return formatFloat(value, 'g')
  if (typeof value !== 'object') return String(value)
  return compound(value, textOf)
}

/** A list, a map or a struct, each of its values written by `write`; times and durations as they print themselves. */
export function compound(value: Value & object, write: (value: Value) => string): string {
  if (isList(value)) return `[${value.map(write).join(' ')}]`
  switch (value.kind) {
    case 'map':
      return `map[${sortedKeys(value)
        .map((key) => `${key}:${write(value.entries[key] ?? null)}`)
        .join(' ')}]`
    case 'struct':
      return `{${Object.values(value.fields).map(write).join(' ')}}`
    case 'time':
      return timeText(value)
    case 'duration':
      return durationText(value)
  }
}

/** Go's Sprint: a space between two values of which neither is a text. */
export function print(values: readonly Value[]): string {
  return values
    .map((value, index) => {
      const before = values[index - 1]
      const isApart = index > 0 && typeof before !== 'string' && typeof value !== 'string'
      return (isApart ? ' ' : '') + textOf(value)
    })
    .join('')
}

/** Go's Sprintln. */
export const println = (values: readonly Value[]): string => `${values.map(textOf).join(' ')}\n`
