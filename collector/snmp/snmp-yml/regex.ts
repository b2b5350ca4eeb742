import { RE2JS, RE2JSException } from 're2js'
import type { Regex } from '../module.ts'

/** A regular expression that Go's library would refuse, too; the message says what is wrong with it. */
export class RegexError extends Error {}

/**
 * A regular expression in Go's syntax (RE2), as snmp.yml has them. Its time is linear in the text: no expression and no
 * agent can make it hang. Throws RegexError.
 */
export function compileRegex(source: string, { isWhole = false } = {}): Regex {
  const compiled = compile(source)
  const used = isWhole ? compile(`^(?:${source})$`) : compiled
  return { source, test: (text) => used.test(text), exec: (text) => used.exec(text) }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const message = error.message.replace(/^error parsing regexp: /, '')
    throw new RegexError(message, { cause: error })
  }
}
