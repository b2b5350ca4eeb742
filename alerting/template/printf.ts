import { formatFloat } from './float.ts'
import { compound, textOf } from './print.ts'
import { quote } from './quote.ts'
import { type Value, typeName } from './value.ts'

type Flags = {
  readonly plus: boolean
  readonly minus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  readonly width: number | null
  readonly precision: number | null
}

const MOST_WIDE = 10_000

const DIRECTIVE =
  /%(?<flags>[+\-# 0]*)(?:(?:\[(?<widthAt>\d+)\])?(?<star>\*)|(?<width>\d+))?(?:\.(?:(?:\[(?<precisionAt>\d+)\])?(?<precisionStar>\*)|(?<precision>\d*)))?(?:\[(?<at>\d+)\])?(?<verb>[\s\S])?/gu

/** Go's Sprintf, with its notes about what doesn't fit: `%!d(float64=5)`, `%!s(MISSING)`. */
export function printf(format: string, values: readonly Value[]): string {
  let next = 0
  let reordered = false
  const written = format.replace(DIRECTIVE, (...match) => {
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>
    const { verb } = groups
    if (verb === undefined) return '%!(NOVERB)'
    if (verb === '%') return '%'
    const takeNumber = (
      text: string | undefined,
      star: string | undefined,
      at: string | undefined,
    ): number | null => {
      if (star === undefined) return text === undefined ? null : Number(text)
      if (at !== undefined) next = Number(at) - 1
      const value = values[next++]
      return typeof value === 'bigint' ? Number(value) : null
    }
    reordered ||= (groups['at'] ?? groups['widthAt'] ?? groups['precisionAt']) !== undefined
    const width = takeNumber(groups['width'], groups['star'], groups['widthAt'])
    const precision = takeNumber(
      groups['precision'],
      groups['precisionStar'],
      groups['precisionAt'],
    )
    if (Math.abs(width ?? 0) > MOST_WIDE || (precision ?? 0) > MOST_WIDE)
      throw new Error(`a width or precision of more than ${MOST_WIDE}`)
    if (groups['at'] !== undefined) next = Number(groups['at']) - 1
    if (groups['at'] !== undefined && (next < 0 || next >= values.length))
      return `%!${verb}(BADINDEX)`
    if (next >= values.length) return `%!${verb}(MISSING)`
    const signs = groups['flags'] ?? ''
    const minus = signs.includes('-') || (width ?? 0) < 0
    return writeValue(values[next++] ?? null, verb, {
      plus: signs.includes('+'),
      minus,
      sharp: signs.includes('#'),
      space: signs.includes(' '),
      zero: signs.includes('0') && !minus,
      width: width === null ? null : Math.abs(width),
      precision,
    })
  })
  if (reordered || next >= values.length) return written
  const extra = values.slice(next).map((value) => describe(value))
  return `${written}%!(EXTRA ${extra.join(', ')})`
}

const describe = (value: Value): string =>
  value === null ? '<nil>' : `${typeName(value)}=${textOf(value)}`

const misfit = (value: Value, verb: string): string => `%!${verb}(${describe(value)})`

function writeValue(value: Value, verb: string, flags: Flags): string {
  if (verb === 'T') return pad(value === null ? '<nil>' : typeName(value), flags)
  if (value === null) return verb === 'v' ? pad('<nil>', flags) : misfit(value, verb)
  if (typeof value === 'string') return writeString(value, verb, flags)
  if (typeof value === 'number') return writeFloat(value, verb, flags)
  if (typeof value === 'bigint') return writeInteger(value, verb, flags)
  if (typeof value === 'object') return writeCompound(value, verb, flags)
  return verb === 't' || verb === 'v' ? pad(String(value), flags) : misfit(value, verb)
}

function writeCompound(value: Value & object, verb: string, flags: Flags): string {
  const isText = 'kind' in value && (value.kind === 'time' || value.kind === 'duration')
  if (isText && 'svqxX'.includes(verb)) return writeString(textOf(value), verb, flags)
  if ('kind' in value && value.kind === 'duration') return writeInteger(value.ns, verb, flags)
  return compound(value, (one) => writeValue(one, verb, flags))
}

function writeString(value: string, verb: string, flags: Flags): string {
  const cut =
    flags.precision === null ? value : Array.from(value).slice(0, flags.precision).join('')
  switch (verb) {
    case 'v':
      return pad(flags.sharp ? quote(cut) : cut, flags)
    case 's':
      return pad(cut, flags)
    case 'q':
      return pad(flags.sharp && !cut.includes('`') ? `\`${cut}\`` : quote(cut), flags)
    case 'x':
    case 'X': {
      const bytes = Buffer.from(value).subarray(0, flags.precision ?? undefined)
      const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
      const hex = pairs.join(flags.space ? ' ' : '')
      return pad(verb === 'X' ? hex.toUpperCase() : hex, flags)
    }
    default:
      return misfit(value, verb)
  }
}

const RADIX: Readonly<Record<string, readonly [number, string]>> = {
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, '0o'],
  d: [10, ''],
  v: [10, ''],
  x: [16, '0x'],
  X: [16, '0X'],
}

function writeInteger(value: bigint, verb: string, flags: Flags): string {
  const radix = RADIX[verb]
  if (radix === undefined) return writeCharacter(value, verb, flags)
  const [base, prefix] = radix
  const digits = (value < 0n ? -value : value).toString(base)
  const cased = verb === 'X' ? digits.toUpperCase() : digits
  const front = (flags.sharp && verb !== 'v') || verb === 'O' ? prefix : ''
  const whole = cased.padStart(flags.precision ?? 0, '0')
  return padNumber(sign(value < 0n, flags), front + whole, {
    ...flags,
    zero: flags.zero && flags.precision === null,
  })
}

function writeCharacter(value: bigint, verb: string, flags: Flags): string {
  const isCode = value >= 0n && value <= 0x10ffffn
  const character = isCode ? String.fromCodePoint(Number(value)) : '\ufffd'
  if (verb === 'c') return pad(character, flags)
  if (verb === 'q')
    return pad(`'${character === "'" ? "\\'" : quote(character).slice(1, -1)}'`, flags)
  if (verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, flags)
  return misfit(value, verb)
}

function writeFloat(value: number, verb: string, flags: Flags): string {
  const form = verb === 'v' ? 'g' : verb.toLowerCase()
  if (!'efg'.includes(form)) return misfit(value, verb)
  const precision = flags.precision ?? (form === 'g' ? null : 6)
  const text = formatFloat(value, form as 'e' | 'f' | 'g', precision)
  const isFinite = Number.isFinite(value)
  const bare = isFinite ? text.replace(/^-/, '') : text.replace(/^[+-]/, '')
  const cased = 'EG'.includes(verb) && isFinite ? bare.toUpperCase() : bare
  const isNegative = text.startsWith('-')
  // An infinity always has its sign.
  const front = text.startsWith('+') ? '+' : sign(isNegative, flags)
  return padNumber(front, cased, { ...flags, zero: flags.zero && isFinite })
}

function sign(isNegative: boolean, { plus, space }: Flags): string {
  if (isNegative) return '-'
  if (plus) return '+'
  return space ? ' ' : ''
}

function padNumber(front: string, digits: string, flags: Flags): string {
  if (!flags.zero) return pad(front + digits, flags)
  return front + digits.padStart((flags.width ?? 0) - front.length, '0')
}

function pad(text: string, { width, minus, zero }: Flags): string {
  const missing = (width ?? 0) - Array.from(text).length
  if (missing <= 0) return text
  if (minus) return text + ' '.repeat(missing)
  return (zero ? '0' : ' ').repeat(missing) + text
}
