import { RE2JS, RE2JSException } from 're2js'
import type { Labels } from './labels.ts'
import { MatcherError } from './matchers/matcher-error.ts'
import { readClassicMatcher, readClassicMatchers } from './matchers/classic.ts'
import { readUtf8 } from './matchers/utf8.ts'

export { MatcherError } from './matchers/matcher-error.ts'

/** What a label must be: `name="value"`, and `!=`, `=~` (the whole value, RE2) or `!~`. A missing label is ''. */
export type Matcher = {
  readonly name: string
  readonly value: string
  readonly isRegex: boolean
  readonly isEqual: boolean
}

/**
 * One matcher, in either of Alertmanager's two grammars; where both read it, the older one's reading counts, as it
 * does there. Throws MatcherError.
 */
export function parseMatcher(text: string): Matcher {
  if (/^\{|\}$/.test(text))
    throw new MatcherError(`expected one matcher without braces, got ${show(text)}`)
  const matcher = readEither(text, readClassicMatcher, (given) => {
    const [first, ...others] = readUtf8(given)
    if (first === undefined || others.length > 0) throw new MatcherError('expected one matcher')
    return first
  })
  checkMatcher(matcher)
  return matcher
}

/** Matchers between commas, with or without braces: `{branch="Vake", device=~"sw-.*"}`. Throws MatcherError. */
export function parseMatchers(text: string): Matcher[] {
  const matchers = readEither(text, readClassicMatchers, readUtf8)
  for (const matcher of matchers) checkMatcher(matcher)
  return matchers
}

function readEither<T>(
  text: string,
  readFirst: (text: string) => T,
  readSecond: (text: string) => T,
): T {
  if (!text.isWellFormed()) throw new MatcherError('expected text in UTF-8')
  try {
    return readFirst(text)
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error
    try {
      return readSecond(text)
    } catch (other) {
      // The first grammar is what people write: its message helps more.
      if (other instanceof MatcherError) throw error
      throw other
    }
  }
}

/** Throws MatcherError for an empty name or a regular expression that Go would refuse. */
export function checkMatcher({ name, value, isRegex }: Matcher): void {
  if (name === '') throw new MatcherError('expected the name of a label before the operator')
  if (isRegex) compileRegex(value)
}

/** The matcher as Alertmanager prints it; parseMatcher reads it back. */
export function formatMatcher({ name, value, isRegex, isEqual }: Matcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!='
  if (RESERVED.test(name)) return `${JSON.stringify(name)}${operator}${JSON.stringify(value)}`
  return `${name}${operator}"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}

/** `{branch="Vake",device=~"sw-.*"}` */
export const formatMatchers = (matchers: readonly Matcher[]): string =>
  `{${matchers.map(formatMatcher).join(',')}}`

const RESERVED = /[\s{}!=~,\\"'`]/u

/** True for labels that all the matchers match; none match everything. Throws MatcherError. */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => {
    const test = compileMatcher(matcher)
    return (labels: Labels): boolean => {
      // By the name of `toString` there is something in every object: it is no label.
      const value: unknown = labels[matcher.name]
      return test(typeof value === 'string' ? value : '')
    }
  })
  return (labels) => tests.every((test) => test(labels))
}

/** True for values of its label that the matcher matches. Throws MatcherError. */
export function compileMatcher({ value, isRegex, isEqual }: Matcher): (value: string) => boolean {
  if (!isRegex) return (text) => (text === value) === isEqual
  const test = compileRegex(value)
  return (text) => test(text) === isEqual
}

/** None, or none that asks for a label, such as `x=""` or `x=~".*"`: most often a slip. As Alertmanager decides it. */
export const matchesEverything = (matchers: readonly Matcher[]): boolean =>
  matchers.every((matcher) => matcher.isEqual && compileMatcher(matcher)(''))

function compileRegex(source: string): (text: string) => boolean {
  // `R1|R2|R3`, as programs write it for many devices, needs no automaton.
  if (/^[\w :/|-]*$/.test(source)) {
    const words = new Set(source.split('|'))
    return (text) => words.has(text)
  }
  try {
    const regex = RE2JS.compile(`^(?:${source})$`)
    return (text) => regex.test(text)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const why = error.message.replace(/^error parsing regexp: /, '')
    throw new MatcherError(`expected a regular expression, got ${show(source)} (${why})`, {
      cause: error,
    })
  }
}

const show = (text: string): string =>
  JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
