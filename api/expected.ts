import { z } from 'zod'
import { show } from '../lib/config/explain.ts'
import { didYouMean } from '../lib/config/nearest.ts'

type RawIssue = Parameters<z.core.$ZodErrorMap>[0]

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items' }

/** Has schemas that say nothing themselves refuse in our words: what was expected, and what there was. */
export const speakPlainly = (): void => void z.config({ customError: expected })

function expected(issue: RawIssue): string {
  const got = `, got ${show(issue.input)}`
  if (issue.code === 'invalid_type')
    return `expected ${TYPES[issue.expected] ?? issue.expected}${got}`
  if (issue.code === 'invalid_value') return `expected ${oneOf(issue.values.map(String))}${got}`
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, keysOf(issue.inst))
  if (issue.code === 'too_small')
    return `expected at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`
  if (issue.code === 'too_big')
    return `expected at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`
  if (issue.code === 'invalid_format') return `expected another form (${issue.format})${got}`
  return `expected another value${got}`
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const named = keys.map((key) => `${show(key)}${didYouMean(key, known)}`).join('; ')
  return `unknown ${keys.length > 1 ? 'keys' : 'key'} ${named}; expected ${oneOf(known)}`
}

const oneOf = (words: readonly string[]): string =>
  words.length > 1 ? `one of ${words.join(', ')}` : (words[0] ?? 'none')

function keysOf(schema: unknown): string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape
  return Object.keys(shape ?? {})
}
