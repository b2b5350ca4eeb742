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
  const total = items.length + more
  const texts = firstThatFit(items, markup, most)
  for (; texts.length > 0; texts.pop()) {
    const left = total - texts.length
    const rest = left === 0 ? [] : [markup.escape(andMore(left))]
    const text = [...texts, ...rest].join(GAP)
    if (text.length <= most) return text
  }
  // Not even one has room with its markup: as many of its words as have.
  const [first] = items
  const rest = total > 1 ? `${GAP}${markup.escape(andMore(total - 1))}` : ''
  const words = first === undefined ? '' : itemText(first, items.length > 1, PLAIN)
  const start = fitted(words, markup, most - rest.length)
  return start === '' ? fitted(andMore(total), markup, most) : start + rest
}

const GAP = '\n\n'

/** What will be counted anyway isn't written: of 10,000 alerts a message shows a few. */
function firstThatFit(items: readonly Item[], markup: Markup, most: number): string[] {
  const texts: string[] = []
  let left = most
  for (const item of items) {
    const text = itemText(item, items.length > 1, markup)
    if (text.length > left) break
    left -= text.length + GAP.length
    texts.push(text)
  }
  return texts
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
