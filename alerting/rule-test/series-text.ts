import { GO_ESCAPES } from '../../lib/go-escapes.ts'
import { type Labels, quoteLabelValue } from '../../lib/labels.ts'

const NAME = /^[A-Za-z_:][\w:]*/
const LABEL = /^[A-Za-z_][\w.]*/
const ESCAPES: Readonly<Record<string, string>> = {
  ...GO_ESCAPES,
  '\\': '\\',
  '"': '"',
  "'": "'",
}

/**
 * The labels of `name{a="b", c="d"}`, `{__name__="name"}` or `{"name", a="b"}`, the name as `__name__`; a text that says
 * what is wrong where something is.
 */
export function parseSeriesText(text: string): Labels | string {
  const labels: Record<string, string> = {}
  let rest = text.trim()
  const name = NAME.exec(rest)?.[0]
  if (name !== undefined) {
    labels['__name__'] = name
    rest = rest.slice(name.length).trimStart()
  }
  if (rest === '') return name === undefined ? EXPECTED : labels
  if (!rest.startsWith('{') || !rest.endsWith('}')) return EXPECTED
  rest = rest.slice(1, -1).trim()
  while (rest !== '') {
    const pair = takePair(rest)
    if (pair === null) return EXPECTED
    const { label, value } = pair
    if (label in labels) return `there are two values of ${label}: keep one`
    labels[label] = value
    if (pair.rest !== '' && !pair.rest.startsWith(',')) return EXPECTED
    rest = pair.rest.slice(1).trim()
  }
  return labels
}

const EXPECTED = 'expected a series such as up{job="node"}: a name, and labels with = and a text'

/** As parseSeriesText reads it, labels in order. */
export function seriesText({ __name__: name = '', ...labels }: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${quoteLabelValue(labels[label] ?? '')}`)
  return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(', ')}}`
}

type Pair = { readonly label: string; readonly value: string; readonly rest: string }

/** `a="b"`; a text alone is the name of the series. */
function takePair(text: string): Pair | null {
  const quoted = takeQuoted(text)
  const label = quoted?.value ?? LABEL.exec(text)?.[0]
  if (label === undefined) return null
  const rest = (quoted?.rest ?? text.slice(label.length)).trimStart()
  if (quoted !== null && (rest === '' || rest.startsWith(',')))
    return { label: '__name__', value: label, rest }
  if (!/^=(?![=~])/.test(rest)) return null
  const value = takeQuoted(rest.slice(1).trimStart())
  return value === null ? null : { label, value: value.value, rest: value.rest.trimStart() }
}

function takeQuoted(text: string): { value: string; rest: string } | null {
  const [quote] = text
  if (quote !== '"' && quote !== "'" && quote !== '`') return null
  let value = ''
  for (let index = 1; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === quote) return { value, rest: text.slice(index + 1) }
    if (character !== '\\' || quote === '`') {
      value += character
      continue
    }
    const unescaped = unescape(text.slice(index + 1))
    if (unescaped === null) return null
    value += unescaped.value
    index += unescaped.length
  }
  return null
}

function unescape(text: string): { value: string; length: number } | null {
  const named = ESCAPES[text.charAt(0)]
  if (named !== undefined) return { value: named, length: 1 }
  const code = /^(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8}))/i.exec(text)
  if (code === null) return null
  const number = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16)
  if (number > 0x10_ff_ff) return null
  return { value: String.fromCodePoint(number), length: code[0].length }
}
