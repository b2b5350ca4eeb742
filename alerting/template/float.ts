/** Numbers as Go's strconv writes them: `verb` is e, f or g; without `precision` as few digits as tell it apart. */
export function formatFloat(
  value: number,
  verb: 'e' | 'f' | 'g',
  precision: number | null = null,
): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  switch (verb) {
    case 'f':
      return sign + fixed(size, precision)
    case 'e':
      return (
        sign + exponential(digitsOf(size, precision === null ? null : precision + 1), precision)
      )
    case 'g':
      return sign + general(size, precision)
  }
}

/** A decimal number: 0.d1d2d3… × 10^point. */
type Digits = { readonly digits: string; readonly point: number }

function general(size: number, precision: number | null): string {
  const wanted = precision === null ? null : Math.max(precision, 1)
  const found = digitsOf(size, wanted)
  const trimmed = { ...found, digits: found.digits.replace(/0+$/, '') || '0' }
  const { digits, point } = trimmed
  let most = wanted ?? 6
  if (wanted !== null && most > digits.length && digits.length >= point) most = digits.length
  const exponent = point - 1
  if (exponent < -4 || exponent >= most) return exponential(trimmed, digits.length - 1)
  return plain(trimmed)
}

function plain({ digits, point }: Digits): string {
  if (point <= 0) return digits === '0' ? '0' : `0.${'0'.repeat(-point)}${digits}`
  if (digits.length <= point) return digits.padEnd(point, '0')
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

function exponential({ digits, point }: Digits, precision: number | null): string {
  const rest = digits.slice(1)
  const fraction = precision === null ? rest.replace(/0+$/, '') : rest.padEnd(precision, '0')
  const exponent = digits.startsWith('0') ? 0 : point - 1
  const sign = exponent < 0 ? '-' : '+'
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits.slice(0, 1)}${fraction === '' ? '' : `.${fraction}`}e${sign}${power}`
}

function fixed(size: number, precision: number | null): string {
  if (precision === null) return plain(digitsOf(size, null))
  const { numerator, denominator } = exact(size)
  const scaled = divide(numerator * 10n ** BigInt(precision), denominator).toString()
  if (precision === 0) return scaled
  const padded = scaled.padStart(precision + 1, '0')
  return `${padded.slice(0, -precision)}.${padded.slice(-precision)}`
}

/** The digits of a number: `count` of them, or as many as tell it apart from its neighbours. */
function digitsOf(size: number, count: number | null): Digits {
  if (size === 0) return { digits: '0'.repeat(count ?? 1), point: 1 }
  const [mantissa = '', power = ''] = size.toExponential().split('e')
  const exponent = Number(power)
  if (count === null) return { digits: mantissa.replace('.', ''), point: exponent + 1 }
  const shift = count - 1 - exponent
  const { numerator, denominator } = exact(size)
  const digits =
    shift >= 0
      ? divide(numerator * 10n ** BigInt(shift), denominator)
      : divide(numerator, denominator * 10n ** BigInt(-shift))
  const text = digits.toString()
  // 9.99 to two digits is 10: one digit more, one power more.
  return text.length > count
    ? { digits: text.slice(0, count), point: exponent + 2 }
    : { digits: text, point: exponent + 1 }
}

const buffer = new DataView(new ArrayBuffer(8))

/** A double as the fraction that it is. */
function exact(size: number): { numerator: bigint; denominator: bigint } {
  buffer.setFloat64(0, size)
  const bits = buffer.getBigUint64(0)
  const raw = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = raw === 0 ? fraction : fraction | (1n << 52n)
  const exponent = (raw === 0 ? 1 : raw) - 1075
  return exponent >= 0
    ? { numerator: mantissa << BigInt(exponent), denominator: 1n }
    : { numerator: mantissa, denominator: 1n << BigInt(-exponent) }
}

/** Rounded to the nearest, halves to the even one; toFixed and its like round halves up. */
function divide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  if (twice > denominator) return quotient + 1n
  return twice === denominator && quotient % 2n === 1n ? quotient + 1n : quotient
}
