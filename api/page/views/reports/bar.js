import { h } from '../../core/dom.js'
import * as format from '../../core/format.js'
import { text } from '../../core/texts.js'

/** How a time is divided, drawn: each kind has a pattern of its own besides its colour. */

const KINDS = ['up', 'down', 'excluded', 'unknown']

/** `{kind, share}` of what there was, in the order in which it is drawn; shares are of 1. */
export const partsOf = (seconds) =>
  KINDS.filter((kind) => seconds[kind] > 0).map((kind) => ({
    kind,
    share: seconds[kind] / seconds.total,
  }))

/** The same in words: what one hears, and what a hover shows. */
export const barWords = (seconds) =>
  partsOf(seconds)
    .map(({ kind }) => `${text(`reports.kind.${kind}`)} ${format.duration(seconds[kind])}`)
    .join(', ')

export function bar(seconds) {
  const words = barWords(seconds) || text('reports.kind.none')
  return h(
    'div',
    { class: 'time-bar', role: 'img', 'aria-label': words, title: words },
    ...partsOf(seconds).map(({ kind, share }) =>
      h('span', { class: `part ${kind}`, style: { 'flex-grow': String(share) } }),
    ),
  )
}

export const legend = () =>
  h(
    'ul',
    { class: 'legend' },
    ...KINDS.map((kind) =>
      h(
        'li',
        {},
        h('span', { class: `part ${kind}`, 'aria-hidden': 'true' }),
        text(`reports.kind.${kind}`),
      ),
    ),
  )
