import type { Kind, TemplateFunction } from './function.ts'
import { printf } from './printf.ts'
import { print, println, textOf } from './print.ts'
import { goHtml, goJs, queryEscape } from './quote.ts'
import { type Value, byBytes, isList, isTrue, typeName } from './value.ts'

/** The functions of the template language itself. `and` and `or` are here for their names: they stop early. */
export const LANGUAGE: Readonly<Record<string, TemplateFunction>> = {
  and: any(1, (values) => values.find((value) => !isTrue(value)) ?? values.at(-1) ?? null),
  or: any(1, (values) => values.find(isTrue) ?? values.at(-1) ?? null),
  not: takes(['any'], (value) => !isTrue(value)),
  len: takes(['any'], (value) => BigInt(lengthOf(value))),
  index: any(1, ([value = null, ...keys]) => keys.reduce(indexOf, value)),
  slice: any(1, ([value = null, ...bounds]) => sliceOf(value, bounds)),
  print: any(0, print),
  println: any(0, println),
  printf: {
    takes: ['string'],
    rest: 'any',
    call: ([format, ...values]) => printf(String(format), values),
  },
  html: any(0, (values) => goHtml(plain(values))),
  js: any(0, (values) => goJs(plain(values))),
  urlquery: any(0, (values) => queryEscape(plain(values))),
  call: any(1, ([value = null]) => {
    throw new Error(`call: ${typeName(value)} is no function`)
  }),
  eq: any(2, ([first = null, ...others]) => others.some((other) => areEqual(first, other))),
  ne: takes(['any', 'any'], (a, b) => !areEqual(a, b)),
  lt: takes(['any', 'any'], isLess),
  le: takes(['any', 'any'], (a, b) => isLess(a, b) || areEqual(a, b)),
  gt: takes(['any', 'any'], (a, b) => !(isLess(a, b) || areEqual(a, b))),
  ge: takes(['any', 'any'], (a, b) => !isLess(a, b)),
}

/** A function of a fixed number of values. */
export function takes(
  kinds: readonly Kind[],
  call: (first: Value, second: Value, third: Value) => Value,
): TemplateFunction {
  return { takes: kinds, call: ([a = null, b = null, c = null]) => call(a, b, c) }
}

function any(least: number, call: (values: readonly Value[]) => Value): TemplateFunction {
  return { takes: Array.from({ length: least }, () => 'any' as const), rest: 'any', call }
}

const plain = (values: readonly Value[]): string =>
  values.length === 1 ? textOf(values[0] ?? null) : print(values)

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'object' && value !== null) {
    if (isList(value)) return value.length
    if (value.kind === 'map') return Object.keys(value.entries).length
  }
  throw new Error(`len of ${typeName(value)}`)
}

function indexOf(value: Value, key: Value): Value {
  if (typeof value === 'object' && value !== null && !isList(value) && value.kind === 'map') {
    if (typeof key !== 'string') throw new Error(`the key of a map is a text, got ${typeName(key)}`)
    return Object.hasOwn(value.entries, key)
      ? (value.entries[key] ?? null)
      : value.of === 'string'
        ? ''
        : null
  }
  const place = wholeNumber(key)
  if (typeof value === 'string') {
    const byte = Buffer.from(value)[place]
    if (byte !== undefined) return BigInt(byte)
  } else if (typeof value === 'object' && value !== null && isList(value)) {
    const item = value[place]
    if (item !== undefined) return item
  } else {
    throw new Error(`can't index ${typeName(value)}`)
  }
  throw new Error(`index ${place} is out of range, the length is ${lengthOf(value)}`)
}

function sliceOf(value: Value, bounds: readonly Value[]): Value {
  const isText = typeof value === 'string'
  if (!isText && !(typeof value === 'object' && value !== null && isList(value)))
    throw new Error(`can't slice ${typeName(value)}`)
  if (bounds.length > (isText ? 2 : 3)) throw new Error('too many bounds of a slice')
  const length = lengthOf(value)
  const [from = 0, to = length] = bounds.map(wholeNumber)
  if (from < 0 || to > length || from > to)
    throw new Error(`${from}:${to} is out of range, the length is ${length}`)
  return isText ? Buffer.from(value).subarray(from, to).toString() : value.slice(from, to)
}

function wholeNumber(value: Value): number {
  if (typeof value === 'bigint') return Number(value)
  throw new Error(`expected a whole number, got ${typeName(value)}`)
}

function areEqual(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b
  const [left, right] = [comparable(a), comparable(b)]
  if (typeof left !== typeof right) throw incomparable(a, b)
  return left === right
}

function isLess(a: Value, b: Value): boolean {
  const [left, right] = [comparable(a), comparable(b)]
  if (typeof left !== typeof right || typeof left === 'boolean') throw incomparable(a, b)
  if (typeof left === 'string') return byBytes(left, String(right)) < 0
  return left < (right as typeof left)
}

function comparable(value: Value): string | boolean | bigint | number {
  if (value !== null && typeof value !== 'object') return value
  if (value !== null && !isList(value) && value.kind === 'duration') return value.ns
  throw new Error(`${typeName(value)} can't be compared`)
}

const incomparable = (a: Value, b: Value): Error =>
  new Error(
    `${typeName(a)} isn't compared with ${typeName(b)}: write 5.0 for a number with a fraction, such as $value`,
  )
