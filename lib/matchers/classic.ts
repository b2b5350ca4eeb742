import type { Matcher } from '../matchers.ts'
import { MatcherError } from './matcher-error.ts'

/**
 * Alertmanager's first grammar, which amtool 0.25 writes: quotes are optional, a value ends at the next comma, a
 * backslash that escapes nothing stands for itself. Throws MatcherError.
 */
export function readClassicMatchers(text: string): Matcher[] {
  return splitAtCommas(text.replace(/^\{/, '').replace(/\}$/, '')).map(readClassicMatcher)
}

/** Commas in quotes separate nothing; the last part may be missing. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = []
  let part = ''
  let isQuoted = false
  let isEscaped = false
  for (const letter of text) {
    if (letter === ',' && !isQuoted) {
      parts.push(part)
      part = ''
      continue // an escape before the comma goes on behind it, as in Alertmanager
    }
    if (letter === '"' && !isEscaped) isQuoted = !isQuoted
    else if (letter === '\\') isEscaped = !isEscaped
    else if (letter !== ',') isEscaped = false
    part += letter
  }
  const last = part.trim()
  return last === '' ? parts : [...parts, last]
}

const SHAPE =
  /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([^]*?)[\t\n\f\r ]*$/

/** One, whose value may hold commas, without quotes too. Throws MatcherError. */
export function readClassicMatcher(text: string): Matcher {
  const [, name, operator = '', value = ''] = SHAPE.exec(text) ?? []
  if (name === undefined)
    throw new MatcherError(
      `expected a matcher such as branch="Vake", got ${JSON.stringify(text.trim())}`,
    )
  return {
    name,
    value: readValue(value),
    isRegex: operator.endsWith('~'),
    isEqual: operator.startsWith('='),
  }
}

function readValue(text: string): string {
  const isQuoted = text.startsWith('"')
  const inner = isQuoted ? text.slice(1) : text
  let value = ''
  let isClosed = false
  for (let i = 0; i < inner.length; i++) {
    const letter = inner[i] ?? ''
    if (letter === '"') {
      if (!isQuoted || i < inner.length - 1) throw unescapedQuote(text)
      isClosed = true
    } else if (letter !== '\\' || i === inner.length - 1) value += letter
    else value += unescape(inner[++i] ?? '')
  }
  if (isQuoted && !isClosed) throw unescapedQuote(text)
  return value
}

function unescape(letter: string): string {
  if (letter === 'n') return '\n'
  return letter === '"' || letter === '\\' ? letter : `\\${letter}`
}

const unescapedQuote = (text: string): MatcherError =>
  new MatcherError(`expected " at the start and the end of a value, or nowhere, got ${text}`)
