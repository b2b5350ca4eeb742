import { parseArgs } from 'node:util'
import type { Parameters } from './measurement.ts'

/** The defaults with what the command line says instead; throws an Error that names what is wrong. */
export function parseParameters<P extends Parameters>(args: readonly string[], defaults: P): P {
  const names = Object.keys(defaults)
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ args: [...args], options })
  const parsed = names.map((name) => {
    const fallback = defaults[name]
    const text = values[name]
    if (typeof text !== 'string') return [name, fallback]
    const numbers = text.split(',').map(Number)
    const isList = typeof fallback !== 'number'
    if (numbers.some((number) => !(number > 0)) || (!isList && numbers.length > 1))
      throw new Error(
        `--${name}: expected ${isList ? 'numbers such as 10,30' : 'a number'} above 0, got "${text}"`,
      )
    return [name, isList ? numbers : numbers[0]]
  })
  return Object.fromEntries(parsed) as P
}
