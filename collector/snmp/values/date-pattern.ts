import { type Moment, toSeconds } from './date-time.ts'

/** What a pattern reads of a text. */
type Fields = Partial<Moment> & { century?: number; yearDay?: number; halfDay?: 0 | 12 }
type Directive = {
  readonly pattern: string
  readonly read?: (text: string, fields: Fields) => Fields
}

/** Seconds since 1970 of a text by a pattern as strptime has them; undefined when the text isn't of that form. */
export function parseDateByPattern(text: string, pattern: string): number | undefined {
  let compiled = known.get(pattern)
  if (compiled === undefined) known.set(pattern, (compiled = compile(pattern)))
  const match = compiled?.regex.exec(text)
  if (compiled === null || match === null || match === undefined) return undefined
  const fields = compiled.reads.reduce(
    (read, { read: next }, i) => next?.(match[i + 1] ?? '', read) ?? read,
    {} as Fields,
  )
  const { year = 1900, century = 0, month = 1, day = 1, yearDay = 0, hour = 0 } = fields
  return toSeconds({
    year: century > 0 ? century * 100 + (year % 100) : year,
    month: yearDay > 0 ? 1 : month,
    day: yearDay > 0 ? yearDay : day,
    hour: fields.halfDay === undefined ? hour : (hour % 12) + fields.halfDay,
    minute: fields.minute ?? 0,
    second: fields.second ?? 0,
    offset: fields.offset ?? 0,
  })
}

/** What is wrong with a pattern, or null. */
export function problemOfPattern(pattern: string): string | null {
  const unknown = [...pattern.matchAll(/%(.?)/g)].find(([, letter = '']) => !(letter in DIRECTIVES))
  return unknown === undefined ? null : `expected directives of strptime, got ${unknown[0]}`
}

type Compiled = { readonly regex: RegExp; readonly reads: readonly Directive[] }

/** As many as the modules have. */
const known = new Map<string, Compiled | null>()

function compile(pattern: string): Compiled | null {
  if (problemOfPattern(pattern) !== null) return null
  const reads: Directive[] = []
  const source = expand(pattern).replace(/%(.)|[^%]/g, (literal, letter?: string) => {
    const directive = letter === undefined ? undefined : DIRECTIVES[letter]
    if (directive === undefined || typeof directive === 'string') return RegExp.escape(literal)
    reads.push(directive)
    return `(${directive.pattern})`
  })
  return { regex: new RegExp(`^${source}$`, 'i'), reads }
}

const expand = (pattern: string): string =>
  pattern.replace(/%(.)/g, (whole, letter: string) => {
    const directive = DIRECTIVES[letter]
    return typeof directive === 'string' ? directive : whole
  })

const MONTHS = 'Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec'.split(',')
const LONG_MONTHS =
  'January,February,March,April,May,June,July,August,September,October,November,December'
const LONG_DAYS = 'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday'

const number = (field: keyof Fields, pattern: string): Directive => ({
  pattern,
  read: (text, fields) => ({ ...fields, [field]: Number(text) }),
})
const month = (pattern: string): Directive => ({
  pattern,
  read: (text, fields) => ({
    ...fields,
    month: 1 + MONTHS.findIndex((name) => name.toLowerCase() === text.slice(0, 3).toLowerCase()),
  }),
})
const TWO = String.raw`\d{1,2}`
const MONTH = month(MONTHS.join('|'))

/** A text stands for what it is short for. */
const DIRECTIVES: Readonly<Record<string, Directive | string>> = {
  Y: number('year', String.raw`\d{1,4}`),
  // Of this century, as snmp_exporter has it.
  y: { pattern: TWO, read: (text, fields) => ({ ...fields, year: 2_000 + Number(text) }) },
  C: number('century', TWO),
  m: number('month', TWO),
  b: MONTH,
  h: MONTH,
  B: month(LONG_MONTHS.replaceAll(',', '|')),
  A: { pattern: LONG_DAYS.replaceAll(',', '|') },
  a: { pattern: 'Mon|Tue|Wed|Thu|Fri|Sat|Sun' },
  w: { pattern: '[0-6]' },
  d: number('day', TWO),
  e: number('day', ` ?${TWO}`),
  j: number('yearDay', String.raw`\d{1,3}`),
  H: number('hour', TWO),
  k: number('hour', ` ?${TWO}`),
  I: number('hour', TWO),
  l: number('hour', ` ?${TWO}`),
  p: {
    pattern: 'AM|PM',
    read: (text, fields) => ({ ...fields, halfDay: text.toUpperCase() === 'PM' ? 12 : 0 }),
  },
  M: number('minute', TWO),
  S: number('second', TWO),
  f: { pattern: String.raw`\d{1,6}` },
  // The name of a zone says nothing without a table of them: taken for UTC.
  Z: { pattern: '[A-Z]{3,5}' },
  z: {
    pattern: String.raw`[+-]\d{4}`,
    read: (text, fields) => ({ ...fields, offset: zone(text) }),
  },
  t: { pattern: '\t' },
  n: { pattern: '\n' },
  '%': { pattern: '%' },
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  F: '%Y-%m-%d',
  v: '%e-%b-%Y',
  R: '%H:%M',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
}

function zone(text: string): number {
  const seconds = Number(text.slice(1, 3)) * 3_600 + Number(text.slice(3)) * 60
  return text.startsWith('-') ? -seconds : seconds
}
