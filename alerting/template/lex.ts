import { GO_ESCAPES } from '../../lib/go-escapes.ts'
import { errorAt } from './template-error.ts'

export type Token = {
  readonly kind:
    | 'text'
    | 'left'
    | 'right'
    | 'string'
    | 'number'
    | 'character'
    | 'word'
    | 'field'
    | 'variable'
    | 'sign'
    | 'end'
  /** Of a string its value, of a field and a variable the name with its sign in front. */
  readonly text: string
  readonly at: number
  /** Whether white space stands before it. */
  readonly spaced: boolean
}

const SPACE = /[ \t\r\n]+/y
const COMMENT = /\/\*[\s\S]*?\*\//y
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+(?![.\deE])|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y
const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const VARIABLE = /\$(?:[\p{L}_][\p{L}\p{Nd}_]*)?/uy
const FIELD = /\.[\p{L}_][\p{L}\p{Nd}_]*/uy
const RAW = /`[^`]*`/y
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y
const CHARACTER = /'(?:[^'\\\n]|\\[^\n])+'/y
const SIGN = /:=|[=,|().]/y
const RIGHT = /(?:[ \t\r\n]+-)?\}\}/y

/** The tokens of a template; white space is trimmed where `{{-` and `-}}` say so. */
export function lex(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let trimsNext = false
  for (;;) {
    const left = text.indexOf('{{', at)
    const end = left < 0 ? text.length : left
    const trimsBefore = left >= 0 && /^-[ \t\r\n]/.test(text.slice(left + 2, left + 4))
    let plain = text.slice(at, end)
    if (trimsNext) plain = plain.replace(/^[ \t\r\n]+/, '')
    if (trimsBefore) plain = plain.replace(/[ \t\r\n]+$/, '')
    if (plain !== '') tokens.push({ kind: 'text', text: plain, at, spaced: false })
    if (left < 0) break
    const inside = lexAction(text, left, trimsBefore ? left + 3 : left + 2)
    tokens.push(...inside.tokens)
    at = inside.end
    trimsNext = inside.trimsNext
  }
  tokens.push({ kind: 'end', text: 'the end of the template', at: text.length, spaced: false })
  return tokens
}

type Action = {
  readonly tokens: readonly Token[]
  readonly end: number
  readonly trimsNext: boolean
}

function lexAction(text: string, left: number, start: number): Action {
  const tokens: Token[] = [{ kind: 'left', text: '{{', at: left, spaced: false }]
  let at = start
  const found = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0] ?? null
  }
  const afterSpace = start + (found(SPACE)?.length ?? 0)
  // A comment stands alone between its braces.
  at = text.startsWith('{{-', left) ? afterSpace : start
  const comment = found(COMMENT)
  if (comment !== null) {
    at += comment.length
    const right = found(RIGHT)
    if (right === null) throw errorAt(text, at, 'expected }} after the comment')
    return { tokens: [], end: at + right.length, trimsNext: right.length > 2 }
  }
  at = start
  for (;;) {
    const right = found(RIGHT)
    if (right !== null) {
      tokens.push({ kind: 'right', text: '}}', at, spaced: false })
      return { tokens, end: at + right.length, trimsNext: right.length > 2 }
    }
    const spaces = found(SPACE)
    at += spaces?.length ?? 0
    if (text.startsWith('}}', at)) continue
    if (at >= text.length) throw errorAt(text, left, 'expected }} for this {{')
    const token = nextToken(text, at, found, spaces !== null)
    tokens.push(token.token)
    at = token.end
  }
}

const KINDS = [
  ['string', RAW],
  ['string', QUOTED],
  ['character', CHARACTER],
  ['variable', VARIABLE],
  ['field', FIELD],
  ['number', NUMBER],
  ['word', NAME],
  ['sign', SIGN],
] as const

function nextToken(
  text: string,
  at: number,
  found: (pattern: RegExp) => string | null,
  spaced: boolean,
): { token: Token; end: number } {
  for (const [kind, pattern] of KINDS) {
    const match = found(pattern)
    if (match === null) continue
    const value = kind === 'string' || kind === 'character' ? unquote(text, at, match) : match
    return { token: { kind, text: value, at, spaced }, end: at + match.length }
  }
  const first = String.fromCodePoint(text.codePointAt(at) ?? 0)
  const message = /["'`]/.test(first)
    ? `this ${first} has no end`
    : `unexpected ${JSON.stringify(first)}`
  throw errorAt(text, at, message)
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...GO_ESCAPES,
  '\\': '\\',
  '"': '"',
  "'": "'",
}

/** The value of a quoted text, with Go's escapes. */
function unquote(text: string, at: number, quoted: string): string {
  const inner = quoted.slice(1, -1)
  if (quoted.startsWith('`')) return inner.replaceAll('\r', '')
  return inner.replace(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[\s\S])/g,
    (whole, escape: string) => {
      const known = ESCAPES[escape]
      if (known !== undefined) return known
      if (/^[0-7]{3}$/.test(escape)) return String.fromCodePoint(Number.parseInt(escape, 8))
      if (escape.length === 1) throw errorAt(text, at, `${whole} means nothing in a quoted text`)
      return String.fromCodePoint(Number.parseInt(escape.slice(1), 16))
    },
  )
}
