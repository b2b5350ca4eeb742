import { z } from 'zod'
import { didYouMean } from '../lib/config/nearest.ts'

// What the parameters of a URL may be: schemas that refuse in words and that the OpenAPI document is made from. A value
// that came once is a text, one that was repeated a list of texts.

/** How many valid words a message spells out; the member `valid` has them all, up to a bound. */
const SPELLED_OUT = 20

/** A query of these parameters and of no others: an unknown one is refused by name, with those that there are. */
export function queryOf<S extends z.ZodRawShape>(shape: S) {
  const valid = Object.keys(shape)
  return z.strictObject(shape).check((payload) => {
    const unknown = payload.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : [],
    )
    for (const parameter of unknown) {
      payload.issues.push({
        code: 'custom',
        path: [],
        input: payload.value,
        message: `unknown parameter ${parameter}${didYouMean(parameter, valid)}; valid ones: ${spelledOut(valid)}`,
        params: { parameter, valid },
      })
    }
  })
}

/** One of `valid`; `.default(…)` or `.optional()` says what it is when it isn't given. */
export const oneOf = <const T extends readonly string[]>(valid: T) =>
  z.enum(valid, { error: ({ input }) => unknownValue(input, valid) })

/** Any of `valid`, with commas or repeated. */
export const anyOf = <const T extends readonly string[]>(valid: T) =>
  z
    .preprocess(
      (value) => listOf(value, (text) => text.split(',').map((word) => word.trim())),
      z.array(oneOf(valid)),
    )
    .optional()
    .meta({ param: { style: 'form', explode: false } })

/** Any texts, repeated for several: names may hold commas. */
export const anyTexts = () =>
  z
    .preprocess((value) => listOf(value, (text) => [text]), z.array(z.string()))
    .optional()
    .meta({ param: { style: 'form', explode: true } })

/** Each word is looked for in each of very many devices. */
const MOST_SOUGHT = 200

/** Free text, '' when it isn't given. */
export const freeText = () =>
  z
    .string({ error: once })
    .trim()
    .max(MOST_SOUGHT, { error: `expected a text of at most ${MOST_SOUGHT} characters` })
    .default('')

export function wholeNumber({ min, max }: { min: number; max: number }) {
  const error = ({ input }: { readonly input?: unknown }): string =>
    once({ input }) ??
    `expected a whole number from ${min} to ${max}, got ${JSON.stringify(String(input))}`
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    z.int({ error }).min(min, { error }).max(max, { error }),
  )
}

/** What is said of a value that isn't among the valid ones. */
export function unknownValue(value: unknown, valid: readonly string[]): string {
  const repeated = once({ input: value })
  if (repeated !== undefined) return repeated
  const text = String(value)
  return `unknown value ${JSON.stringify(text)}${didYouMean(text, valid)}; valid ones: ${spelledOut(valid)}`
}

/** For a parameter that can be given once alone: what is said of a list; nothing else is said of a text. */
export const once = ({ input }: { readonly input?: unknown }): string | undefined =>
  Array.isArray(input) ? `given ${input.length} times, expected once` : undefined

function listOf(value: unknown, split: (text: string) => string[]): unknown {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
  return texts.flatMap((text) => (typeof text === 'string' ? split(text) : [text]))
}

function spelledOut(valid: readonly string[]): string {
  const words = valid.slice(0, SPELLED_OUT).map((word) => (word === '' ? '""' : word))
  const rest = valid.length - words.length
  return `${words.join(', ') || 'none'}${rest > 0 ? ` and ${rest} more` : ''}`
}
