import { decodeText } from './octet-text.ts'

/** One octet format of a DISPLAY-HINT (RFC 2579 §3.1). */
type Format = {
  /** The first octet says how often the format is applied. */
  readonly isRepeated: boolean
  readonly length: number
  readonly kind: 'd' | 'x' | 'o' | 'a' | 't'
  readonly separator: string
  /** After the last of the repetitions, in place of the separator. */
  readonly terminator: string
}

/** Octets in the form that a hint such as `1d.1d.1d.1d` gives; undefined where the hint doesn't fit them. */
export function applyDisplayHint(hint: string, bytes: Buffer): string | undefined {
  let formats = known.get(hint)
  if (formats === undefined) known.set(hint, (formats = parseHint(hint)))
  const last = formats?.at(-1)
  if (formats === null || last === undefined || bytes.length === 0) return undefined
  const canRepeat = last.isRepeated || last.length > 0
  // Octets may be UTF-8 across two formats: text is made of them at the end.
  let octets = ''
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    if (i >= formats.length && !canRepeat) return undefined
    const { isRepeated, length, kind, separator, terminator } = formats[i] ?? last
    const times = isRepeated ? (bytes[at++] ?? 0) : 1
    for (let time = 1; time <= times && at < bytes.length; time++) {
      const text = show(kind, bytes.subarray(at, at + length))
      if (text === undefined) return undefined
      at += length
      octets += text
      const isLast = time === times && terminator !== ''
      if (at < bytes.length && !isLast) octets += separator
    }
    if (at < bytes.length) octets += terminator
  }
  return decodeText(Buffer.from(octets, 'latin1'))
}

/** As many as the modules have. */
const known = new Map<string, readonly Format[] | null>()

function parseHint(hint: string): readonly Format[] | null {
  const formats: Format[] = []
  const one = /(\*?)(\d{1,9})([dxoat])(?:([^\d*])([^\d*])?)?/y
  while (one.lastIndex < hint.length) {
    const start = one.lastIndex
    const [whole = '', star, length, kind, separator = '', terminator = ''] = one.exec(hint) ?? []
    if (whole === '') return null
    const isRepeated = star === '*'
    // Without repetitions there is no terminator: the second character begins the next format.
    if (!isRepeated) one.lastIndex = start + whole.length - terminator.length
    formats.push({
      isRepeated,
      length: Number(length),
      kind: kind as Format['kind'],
      separator,
      terminator: isRepeated ? terminator : '',
    })
  }
  return formats
}

function show(kind: Format['kind'], octets: Buffer): string | undefined {
  if (kind === 'a' || kind === 't') return octets.toString('latin1')
  const hex = octets.toString('hex').toUpperCase()
  if (kind === 'x') return hex
  if (octets.length > 8) return undefined
  return BigInt(`0x${hex === '' ? '0' : hex}`).toString(kind === 'd' ? 10 : 8)
}
