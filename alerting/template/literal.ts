import type { Token } from './lex.ts'
import type { Operand } from './tree.ts'

/** A number or a character as it stands in a template, or null when it is none. */
export function parseNumber(token: Token): (Operand & { kind: 'number' }) | null {
  const { at, text } = token
  if (token.kind === 'character') {
    const code = text.codePointAt(0)
    if (code === undefined || String.fromCodePoint(code) !== text) return null
    return { kind: 'number', integer: BigInt(code), float: code, isFloat: false, text, at }
  }
  const plain = text.replaceAll('_', '')
  const isFloat = /[.eEpP]/.test(plain) && !/^[+-]?0[xX]/.test(plain)
  if (isFloat) {
    const float = Number(plain)
    if (Number.isNaN(float)) return null
    return {
      kind: 'number',
      integer: Number.isSafeInteger(float) ? BigInt(float) : null,
      float,
      isFloat,
      text,
      at,
    }
  }
  const integer = parseInteger(plain)
  if (integer === null || integer > MOST || integer < LEAST) return null
  return { kind: 'number', integer, float: Number(integer), isFloat, text, at }
}

const MOST = 2n ** 64n - 1n
const LEAST = -(2n ** 63n)

/** With Go's prefixes: 0x, 0o, 0b, and 0 alone for octal. */
function parseInteger(text: string): bigint | null {
  const isNegative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '')
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits
  try {
    const value = BigInt(octal)
    return isNegative ? -value : value
  } catch {
    return null
  }
}
