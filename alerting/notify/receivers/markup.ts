import { type Item, type Message, cut } from './message.ts'

/** How a kind of receiver writes what people read. */
export type Markup = {
  /** Any text, so that nothing in it is taken for markup. */
  escape(text: string): string
  strong(escaped: string): string
  link(escaped: string, url: string): string
}

/**
 * What stands below the title, in at most `most` UTF-16 units: items that don't fit are counted instead, whole ones
 * only, so that no markup is cut in two.
 */
export function bodyOf(message: Message, markup: Markup, most: number): string {
  if (message.text !== null) return fitted(message.text, markup, most)
  const { items, more } = message
  const texts = items.map((item) => itemText(item, items.length > 1, markup))
  for (let count = texts.length; count > 0; count--) {
    const left = more + texts.length - count
    const rest = left === 0 ? [] : [markup.escape(andMore(left))]
    const text = [...texts.slice(0, count), ...rest].join('\n\n')
    if (text.length <= most) return text
  }
  return fitted(andMore(more + items.length), markup, most)
}

export const andMore = (count: number): string => `… and ${count} more`

function itemText(
  { isResolved, heading, lines, link }: Item,
  hasHeading: boolean,
  markup: Markup,
): string {
  const title = markup.strong(markup.link(markup.escape(headingText(heading, isResolved)), link))
  const text = lines.map((line) => markup.escape(line))
  return [...(hasHeading ? [title] : []), ...text].join('\n')
}

export const headingText = (heading: string, isResolved: boolean): string =>
  isResolved ? `Resolved: ${heading}` : heading

/** Escaping makes a text longer: it is cut before that. */
function fitted(text: string, { escape }: Markup, most: number): string {
  for (let size = most; size > 0; size = Math.floor(size / 2)) {
    const escaped = escape(cut(text, size))
    if (escaped.length <= most) return escaped
  }
  return ''
}

const htmlEscape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

export const PLAIN: Markup = {
  escape: (text) => text,
  strong: (text) => text,
  link: (text) => text,
}

export const HTML: Markup = {
  escape: htmlEscape,
  strong: (text) => `<b>${text}</b>`,
  link: (text, url) => `<a href="${htmlEscape(url)}">${text}</a>`,
}

/** Slack's mrkdwn: it can't escape its signs, but for those of links. */
export const MRKDWN: Markup = {
  escape: (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  strong: (text) => `*${text}*`,
  link: (text, url) =>
    `<${url.replaceAll('|', '%7C').replaceAll('>', '%3E')}|${text.replaceAll('|', '¦')}>`,
}

export const MARKDOWN: Markup = {
  escape: (text) =>
    text
      .replaceAll(/[\\`*_~|<[\]]/g, String.raw`\$&`)
      .replaceAll(/^([ \t]*)([#>+-])/gm, String.raw`$1\$2`),
  strong: (text) => `**${text}**`,
  link: (text, url) => `[${text}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`,
}

const COLOURS: Readonly<Record<string, number>> = {
  critical: 0xd7263d,
  error: 0xd7263d,
  warning: 0xf0a202,
  info: 0x3178c6,
}
const RESOLVED = 0x2e9e5b

export const colourOf = ({ isResolved, severity }: Message): number =>
  isResolved ? RESOLVED : (COLOURS[severity] ?? 0xf0a202)
