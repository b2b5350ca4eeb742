import { h } from '../../core/dom.js'

let cards = 0

/** A part of the view with a heading; `tools` stand beside the heading. */
export function card(title, { tools = [], kind = '' } = {}, ...children) {
  const id = `card-${++cards}`
  return h(
    'section',
    { class: `card ${kind}`, 'aria-labelledby': id },
    h('div', { class: 'card-head' }, h('h2', { id }, title), ...tools),
    ...children,
  )
}

export const problem = (words) => h('p', { class: 'problem' }, words)
export const muted = (words) => h('p', { class: 'muted' }, words)
