import { h, s } from '../../core/dom.js'
import * as format from '../../core/format.js'
import { text } from '../../core/texts.js'

/** How a time is divided, drawn: each kind has a pattern of its own besides its colour. */

const KINDS = ['up', 'down', 'excluded', 'unknown']
const WIDTH = 200
const HEIGHT = 12

export function bar(seconds) {
  const title = KINDS.filter((kind) => seconds[kind] > 0)
    .map((kind) => `${text(`reports.kind.${kind}`)} ${format.duration(seconds[kind])}`)
    .join(', ')
  let x = 0
  const parts = KINDS.map((kind) => {
    const share = seconds.total === 0 ? 0 : seconds[kind] / seconds.total
    // What happened at all is seen, however short it was.
    const width = share === 0 ? 0 : Math.max(1.5, share * WIDTH)
    const part = s('rect', { class: `part ${kind}`, x, y: kind === 'down' ? 0 : 2, width, height: kind === 'down' ? HEIGHT : HEIGHT - 4 })
    x += width
    return part
  })
  return s('svg', { class: 'time-bar', viewBox: `0 0 ${Math.max(WIDTH, x)} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': title }, s('title', {}, title), ...parts)
}

export const legend = () =>
  h(
    'ul',
    { class: 'legend' },
    ...KINDS.map((kind) =>
      h('li', {}, s('svg', { viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true' }, s('rect', { class: `part ${kind}`, width: 12, height: 12 })), ` ${text(`reports.kind.${kind}`)}`),
    ),
  )
