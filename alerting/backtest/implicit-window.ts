/** Followed by a list of labels in parentheses. */
const GROUPINGS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const WORDS = new Set([
  ...GROUPINGS,
  'and',
  'or',
  'unless',
  'if',
  'ifnot',
  'default',
  'bool',
  'offset',
  'limit',
  'atan2',
  'inf',
  'nan',
  'keep_metric_names',
  'prefix',
])

type Token = { readonly kind: 'word' | 'text' | 'number' | 'sign'; readonly text: string }

const TOKEN =
  /\s+|#[^\n]*|(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|(?<number>(?:\d[\w.]*|\.\d[\w.]*))|(?<word>[A-Za-z_:](?:[\w:.]|\\.)*)|(?<sign>.)/gsu

/**
 * Whether some selector or subquery of a MetricsQL expression leaves its window or its step to whoever asks: then a
 * range query, whose step is another one, looks elsewhere than an instant query does. In doubt true.
 */
export function hasImplicitWindow(expr: string): boolean {
  const tokens = tokensOf(expr)
  const at = (index: number): string => tokens[index]?.text ?? ''
  for (let index = 0; index < tokens.length; index++) {
    const { kind, text } = tokens[index] ?? { kind: 'sign', text: '' }
    if (text === '[') {
      const end = closing(tokens, index)
      const inside = tokens.slice(index + 1, end).map((token) => token.text)
      const colon = inside.indexOf(':')
      const isOpen = inside.length === 0 || colon === 0 || colon === inside.length - 1
      if (isOpen || inside.some(isRelative)) return true
      index = end
      continue
    }
    if (kind === 'word' && text.toLowerCase() === 'with' && at(index + 1) === '(') return true
    if (kind === 'word' && GROUPINGS.has(text.toLowerCase())) {
      if (at(index + 1) === '(') index = closing(tokens, index + 1)
      continue
    }
    if (kind === 'word' && WORDS.has(text.toLowerCase())) continue
    const isCall = at(index + 1) === '(' || GROUPINGS.has(at(index + 1).toLowerCase())
    if (kind === 'word' && isCall) {
      if (AS_ASKED.has(text.toLowerCase())) return true
      continue
    }
    if (kind !== 'word' && text !== '{') continue
    const braces = text === '{' ? index : index + 1
    const end = at(braces) === '{' ? closing(tokens, braces) : index
    if (at(end + 1) !== '[') return true
    index = end
  }
  return false
}

/** What depends on the query's own range or step. */
const AS_ASKED = new Set(['step', 'start', 'end', 'range_avg', 'range_max', 'range_min'])

/** A duration in steps: `[5i]`. */
const isRelative = (text: string): boolean => /\di$/i.test(text)

function tokensOf(expr: string): Token[] {
  const tokens: Token[] = []
  for (const { groups = {} } of expr.matchAll(TOKEN)) {
    for (const kind of ['text', 'number', 'word', 'sign'] as const) {
      const text = groups[kind]
      if (text !== undefined) tokens.push({ kind, text })
    }
  }
  return tokens.flatMap(splitWindow)
}

/** `5m:1m` of a window is read as one number otherwise. */
function splitWindow(token: Token): Token[] {
  if (token.kind !== 'word' || !token.text.startsWith(':')) return [token]
  return [
    { kind: 'sign', text: ':' },
    { kind: 'number', text: token.text.slice(1) },
  ].filter(({ text }) => text !== '') as Token[]
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** The place of the bracket that closes the one at `open`. */
function closing(tokens: readonly Token[], open: number): number {
  const opened = tokens[open]?.text ?? ''
  const closed = CLOSING[opened]
  let depth = 0
  for (let index = open; index < tokens.length; index++) {
    const { text, kind } = tokens[index] ?? { text: '', kind: 'sign' }
    if (kind !== 'sign') continue
    if (text === opened) depth++
    if (text === closed && --depth === 0) return index
  }
  return tokens.length
}
