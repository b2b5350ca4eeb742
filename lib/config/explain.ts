import type { z } from 'zod'
import { didYouMean } from './nearest.ts'

/** What is wrong with one value: its path, and a message that says what was expected and what was got. */
export type Finding = { readonly path: readonly PropertyKey[]; readonly message: string }

export type Validated<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export type Showing = {
  /** What messages repeat in place of `value`: the text before variables were filled in. */
  readonly shown?: unknown
  /** True for a path (`credentials.core.community`) whose value no message may repeat. */
  readonly isHidden?: (path: string) => boolean
}

/** Checks a value by a schema, with findings in the words of a configuration file. */
export function validate<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { shown = value, isHidden = () => false }: Showing = {},
): Validated<T> {
  const result = schema.safeParse(value, { error: describe })
  if (result.success) return { ok: true, data: result.data }
  const findings = result.error.issues
    .flatMap((issue) => flatten(issue, []))
    .map(({ path, message, showsValue, isOwn = false, words = [] }) => {
      if (!showsValue || isHidden(joinPath(path))) return { path, message }
      const got = valueAt(shown, path)
      if (isOwn && (isCompound(got) || message.includes(', got '))) return { path, message }
      const hint = typeof got === 'string' ? didYouMean(got, words) : ''
      return { path, message: `${message}, got ${show(got)}${hint}` }
    })
  return { ok: false, findings }
}

/** `ping.interval`, `receivers[0].webhook.url` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

/** A value as a message repeats it: short, and never the inside of a map or a list. */
export function show(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map of keys'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

const isCompound = (value: unknown): boolean => typeof value === 'object' && value !== null

const joinPath = (path: readonly PropertyKey[]): string => path.map(String).join('.')

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value = tree
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0]

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
}

function describe(issue: RawIssue): string {
  if (issue.code === 'invalid_type') return `expected ${TYPES[issue.expected] ?? issue.expected}`
  if (issue.code === 'too_small') return `expected at least ${issue.minimum}`
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(issue.inst)
    return issue.keys.map((key) => unknownKey(key, known)).join('\n')
  }
  if (issue.code !== 'invalid_value') return 'expected another value'
  return `expected ${oneOf(issue.values.map(String))}`
}

function unknownKey(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known)
  return `unknown key${hint === '' ? `, expected ${oneOf(known)}` : hint}`
}

function oneOf(words: readonly string[]): string {
  return words.length > 1 ? `one of ${words.join(', ')}` : (words[0] ?? 'nothing')
}

function keysOf(schema: unknown): string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape
  return Object.keys(shape ?? {})
}

type Flat = Finding & {
  readonly showsValue: boolean
  /** True for a check of ours over a value of the right kind: it may say itself what it got. */
  readonly isOwn?: boolean
  /** The words that the value could have been. */
  readonly words?: readonly string[]
}

/** One finding for each unknown key, and for a union the findings of the branch that was meant. */
function flatten(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): Flat[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      message: messages[index] ?? issue.message,
      showsValue: false,
    }))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({ path, message, showsValue: false }))
  }
  if (issue.code === 'invalid_union' && issue.errors.length === 0) {
    // No branch goes with the key that tells them apart: the message is about that key.
    return [{ path, message: issue.message, showsValue: true }]
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => branch.some((inner) => !isWrongType(inner)))
    if (meant !== undefined) return meant.flatMap((inner) => flatten(inner, path))
    const expected = issue.errors.flat().map((inner) => inner.message.replace(/^expected /, ''))
    return [{ path, message: `expected ${expected.join(' or ')}`, showsValue: true }]
  }
  const words = issue.code === 'invalid_value' ? issue.values.map(String) : []
  return [{ path, message: issue.message, showsValue: true, isOwn: issue.code === 'custom', words }]
}

const isWrongType = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' && issue.path.length === 0
