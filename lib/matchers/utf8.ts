import { GO_ESCAPES } from '../go-escapes.ts'
import type { Matcher } from '../matchers.ts'
import { MatcherError } from './matcher-error.ts'

/**
 * Alertmanager's second grammar: names and values of any letters, in quotes (escaped as in Go) where they hold a
 * space or one of {}!=~,\"'`. Braces must pair. Throws MatcherError.
 */
export function readUtf8(text: string): Matcher[] {
  const tokens = tokenize(text)
  const isBraced = tokens[0]?.kind === '{'
  if (isBraced) tokens.shift()
  const matchers: Matcher[] = []
  while (isWord(tokens[0])) {
    matchers.push(readOne(tokens))
    if (tokens[0]?.kind !== ',') break
    tokens.shift()
  }
  if (isBraced && tokens.shift()?.kind !== '}') throw new MatcherError('expected } at the end')
  if (tokens[0] !== undefined)
    throw new MatcherError(`expected a comma or the end, got ${tokens[0].text}`)
  return matchers
}

type Token = { readonly kind: '{' | '}' | ',' | 'operator' | 'word'; readonly text: string }

const TOKEN = /\s*(?:([{},])|(=~|!=|!~|=)|("(?:[^"\\]|\\[^])*")|([^\s{}!=~,\\"'`]+))/uy

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const input = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < input.length) {
    const from = TOKEN.lastIndex
    const found = TOKEN.exec(input)
    if (found === null)
      throw new MatcherError(`expected a matcher, got ${JSON.stringify(input.slice(from))}`)
    const [, mark, operator, quoted, bare] = found
    if (mark !== undefined) tokens.push({ kind: mark as '{' | '}' | ',', text: mark })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator })
    else tokens.push({ kind: 'word', text: quoted === undefined ? (bare ?? '') : unquote(quoted) })
  }
  return tokens
}

const isWord = (token: Token | undefined): boolean => token?.kind === 'word'

function readOne(tokens: Token[]): Matcher {
  const [name, operator, value] = tokens.splice(0, 3)
  if (name === undefined || operator?.kind !== 'operator')
    throw new MatcherError('expected one of = != =~ !~ after the name of a label')
  if (value === undefined || !isWord(value))
    throw new MatcherError(`expected a value after ${operator.text}`)
  return {
    name: name.text,
    value: value.text,
    isRegex: operator.text.endsWith('~'),
    isEqual: operator.text.startsWith('='),
  }
}

const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\"]))|\\/g

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1)
  const wrong = new MatcherError(`expected text in quotes as Go writes it, got ${quoted}`)
  if (inner.includes('\n')) throw wrong
  return inner.replace(ESCAPE, (_, hex, short, long, octal, letter) => {
    if (letter !== undefined) return GO_ESCAPES[letter as string] ?? String(letter)
    const code = hex ?? short ?? long
    const point = code === undefined ? Number.parseInt(octal as string, 8) : Number(`0x${code}`)
    // \xHH and \OOO are bytes: those of ASCII are letters by themselves.
    const isByte = hex !== undefined || octal !== undefined
    if (Number.isNaN(point) || point > (isByte ? 0x7f : 0x10_ffff) || isSurrogate(point))
      throw wrong
    return String.fromCodePoint(point)
  })
}

const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff
