/** A regular expression that Go's would refuse, too; the message says what is wrong with it. */
export class RegexError extends Error {}

/**
 * The JavaScript form of a regular expression in Go's syntax (RE2), as snmp.yml has them: named groups `(?P<name>)`,
 * flags `(?i)`, `[[:alpha:]]`, `\A`, `\z`, `\Q…\E`. Throws RegexError.
 */
export function goRegExp(source: string, { isWhole = false } = {}): RegExp {
  const translated = translate(source)
  try {
    return new RegExp(isWhole ? `^(?:${translated})$` : translated, 'u')
  } catch (error) {
    throw new RegexError((error as Error).message, { cause: error })
  }
}

/** A pattern that matches this text, in a set of characters and outside. */
export const escapeRegex = (text: string): string =>
  text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('-', '\\x2d')

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: String.raw`\x00-\x7F`,
  blank: String.raw`\t `,
  cntrl: String.raw`\x00-\x1F\x7F`,
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: String.raw`!-\/:-@\[-${'`'}\{-~`,
  space: String.raw`\t\n\v\f\r `,
  upper: 'A-Z',
  word: String.raw`\w`,
  xdigit: '0-9A-Fa-f',
}

/** One token at a time; what isn't named here is the same in both syntaxes. */
const TOKEN = new RegExp(
  [
    String.raw`\\Q(?<quoted>[^]*?)(?:\\E|$)`,
    String.raw`\\x\{(?<code>[0-9A-Fa-f]{1,6})\}`,
    String.raw`\\(?<escape>[pP](?:\{[^}]*\}|.)|[^])`,
    String.raw`(?<set>\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]])*\])`,
    String.raw`\((?<group>\?P?<\w+>|\?:)`,
    String.raw`\(\?(?<flags>[a-zA-Z]*(?:-[a-zA-Z]+)?)(?<scope>[:)])`,
    String.raw`(?<look>\(\?)`,
    String.raw`(?<repeat>\{\d+(?:,\d*)?\})`,
    '(?<literal>[^])',
  ].join('|'),
  'gu',
)

function translate(source: string): string {
  // Flags hold to the end of their group, and over its alternatives; here they are groups of their own.
  const open: string[][] = [[]]
  const closeAll = (): string => ')'.repeat(open.at(-1)?.length ?? 0)
  let text = ''
  for (const { groups = {} } of source.matchAll(TOKEN)) {
    const { quoted, code, escape, set, group, flags, scope, look, repeat, literal } = groups
    if (quoted !== undefined) text += escapeRegex(quoted)
    else if (code !== undefined) text += `\\u{${code}}`
    else if (escape !== undefined) text += translateEscape(escape)
    else if (set !== undefined) text += translateSet(set)
    else if (group !== undefined) {
      open.push([])
      text += `(${group.replace('?P<', '?<')}`
    } else if (flags !== undefined && scope === ':') {
      open.push([])
      text += `(?${checkFlags(flags)}:`
    } else if (flags !== undefined) {
      open.at(-1)?.push(`(?${checkFlags(flags)}:`)
      text += open.at(-1)?.at(-1) ?? ''
    } else if (look !== undefined) throw new RegexError('lookarounds are not in its syntax')
    else if (repeat !== undefined) text += repeat
    else if (literal === '(') {
      open.push([])
      text += literal
    } else if (literal === ')') {
      if (open.length === 1) throw new RegexError('a ) without its (')
      text += closeAll() + literal
      open.pop()
    } else if (literal === '|') text += `${closeAll()}|${open.at(-1)?.join('') ?? ''}`
    else if (literal !== undefined) text += /[{}\]]/.test(literal) ? `\\${literal}` : literal
  }
  return text + closeAll()
}

function checkFlags(flags: string): string {
  if (!/^[ims]*(-[ims]+)?$/.test(flags)) throw new RegexError(`unknown flags (?${flags})`)
  return flags
}

function translateEscape(escape: string, isInSet = false): string {
  if (escape === 'A') return '(?<![^])'
  if (escape === 'z') return '(?![^])'
  if (escape === 'a') return String.raw`\x07`
  if (escape === 's') return isInSet ? String.raw`\t\n\f\r ` : String.raw`[\t\n\f\r ]`
  if (escape === 'S') return isInSet ? String.raw`\S` : String.raw`[^\t\n\f\r ]`
  const script = /^([pP])(?:\{(\^?)(.*)\}|(.))$/u.exec(escape)
  if (script !== null) {
    const [, letter = 'p', negation, name, short] = script
    const isNegated = (letter === 'P') !== (negation === '^')
    const known = name ?? short ?? ''
    const isCategory = known.length <= 2
    return `\\${isNegated ? 'P' : 'p'}{${isCategory ? '' : 'Script='}${known}}`
  }
  if (/^[1-9]/.test(escape)) throw new RegexError('back references are not in its syntax')
  if (/^[bBdDwWfnrtvx]/.test(escape)) return `\\${escape}`
  if (/^[\p{L}\p{N}]/u.test(escape)) throw new RegexError(`unknown escape \\${escape}`)
  return escapeRegex(escape)
}

function translateSet(set: string): string {
  const negation = set.startsWith('[^') ? '^' : ''
  const inside = set.slice(1 + negation.length, -1)
  const translated = inside.replace(
    /\[:(\^?)(\w+):\]|\\x\{([0-9A-Fa-f]{1,6})\}|\\([pP](?:\{[^}]*\}|.)|[^])|([[\]])/gu,
    (whole, isNot?: string, name?: string, code?: string, escape?: string, bracket?: string) => {
      if (bracket !== undefined) return `\\${bracket}`
      if (code !== undefined) return `\\u{${code}}`
      if (escape !== undefined) return translateEscape(escape, true)
      const members = POSIX[name ?? '']
      if (members === undefined || isNot === '^') throw new RegexError(`unknown class ${whole}`)
      return members
    },
  )
  return `[${negation}${translated}]`
}
