/** A text in quotes, with Go's escapes: what `%q` writes. */
export function quote(text: string): string {
  return `"${text.replace(/["\\\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Cf}]/gu, escape)}"`
}

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const named = NAMED[character]
  if (named !== undefined) return named
  if (code < 0x80) return `\\x${hex(code, 2)}`
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')

/** A text that is safe between quotes in JSON and in a script. */
export const escapeJson = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/["\\<'\u0000-\u001f]/g, (character) => {
    const named = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return named ?? `\\u${hex(character.charCodeAt(0), 4)}`
  })

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => HTML[one] ?? '')

/** Go's own `html`, which writes quotes as numbers. */
export const goHtml = (text: string): string =>
  escapeHtml(text).replaceAll('&quot;', '&#34;').replaceAll('\0', '\ufffd')

export const goJs = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\\'"<>&=\u0000-\u001f\p{Zl}\p{Zp}\u0085]/gu, (one) => {
    if (one === '\\' || one === '"' || one === "'") return `\\${one}`
    return `\\u${hex(one.charCodeAt(0), 4).toUpperCase()}`
  })

/** For a query: all but letters, digits and -_.~ is escaped, a space becomes +. */
export const queryEscape = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, percent)
    .replaceAll('%20', '+')

/** For one segment of a path: $ & + = : @ stay as they are. */
export const pathEscape = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, percent)
    .replace(/%(24|26|2B|3D|3A|40)/g, (whole) => decodeURIComponent(whole))

const percent = (one: string): string => `%${one.charCodeAt(0).toString(16).toUpperCase()}`
