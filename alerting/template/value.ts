/**
 * A value in a template. Go tells whole numbers (here bigint) from floats (here number): they print differently and
 * aren't compared with one another.
 */
export type Value =
  | string
  | boolean
  | bigint
  | number
  | null
  | readonly Value[]
  | GoMap
  | Struct
  | Time
  | Duration

export type GoMap = {
  readonly kind: 'map'
  /** What a key that isn't there has: an empty text, or nothing. */
  readonly of: 'string' | 'any'
  readonly entries: Readonly<Record<string, Value>>
}

export type Struct = {
  readonly kind: 'struct'
  readonly type: string
  readonly fields: Readonly<Record<string, Value>>
}

/** An instant in UTC, Unix milliseconds. */
export type Time = { readonly kind: 'time'; readonly at: number }

export type Duration = { readonly kind: 'duration'; readonly ns: bigint }

export const durationOf = (ms: number): Duration => ({
  kind: 'duration',
  ns: BigInt(Math.round(ms * 1_000_000)),
})

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** Go's name of a value's type, as its messages have it. */
export function typeName(value: Value): string {
  if (value === null) return 'nil'
  if (typeof value !== 'object') return TYPES[typeof value] ?? ''
  if (isList(value)) return '[]templates.metric'
  switch (value.kind) {
    case 'map':
      return value.of === 'string' ? 'map[string]string' : 'map[string]interface {}'
    case 'struct':
      return value.type
    case 'time':
      return 'time.Time'
    case 'duration':
      return 'time.Duration'
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  bigint: 'int',
  number: 'float64',
}

/** Whether `if` and its like take the value for true: anything but zero, nothing and empty. */
export function isTrue(value: Value): boolean {
  if (value === null) return false
  if (typeof value === 'number') return value !== 0
  if (typeof value !== 'object') return Boolean(value)
  if (isList(value)) return value.length > 0
  switch (value.kind) {
    case 'map':
      return Object.keys(value.entries).length > 0
    case 'duration':
      return value.ns !== 0n
    case 'struct':
    case 'time':
      return true
  }
}

/** The keys of a map in the order in which Go prints and ranges over them. */
export const sortedKeys = ({ entries }: GoMap): string[] => Object.keys(entries).sort(byBytes)

/** Order of the UTF-8 bytes, which is that of the code points. */
export function byBytes(a: string, b: string): number {
  if (a === b) return 0
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return Buffer.compare(left, right)
}
