import type { Matcher } from '../../lib/matchers.ts'

const SPECIAL = /[\\.+*?()[\]{}^$|]/
/** Between alternatives: not one that is escaped. */
const BAR = /(?<=(?:^|[^\\])(?:\\\\)*)\|/

/** The values that a matcher lets pass: one, or the alternatives `A|B` of a regular expression; null where they are others. */
export function alternativesOf({ value, isRegex, isEqual }: Matcher): string[] | null {
  // A label that is missing is '', too.
  if (!isEqual) return null
  if (!isRegex) return value === '' ? null : [value]
  const parts: string[] = []
  for (const part of value.split(BAR)) {
    if (part === '' || SPECIAL.test(part.replaceAll(/\\[^A-Za-z0-9]/g, ''))) return null
    parts.push(part.replaceAll(/\\([^A-Za-z0-9])/g, '$1'))
  }
  return parts
}

export const equal = (name: string, value: string): Matcher => {
  return { name, value, isRegex: false, isEqual: true }
}

export function equalToAny(name: string, values: readonly string[]): Matcher {
  const [only = ''] = values
  if (values.length === 1) return equal(name, only)
  const value = values.map((each) => each.replaceAll(/[\\.+*?()[\]{}^$|]/g, '\\$&')).join('|')
  return { name, value, isRegex: true, isEqual: true }
}
