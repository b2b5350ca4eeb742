import { byId, h } from './dom.js'
import { text } from './texts.js'

const STAYS_MS = 6_000

/** A word at the edge of the page; `level` is `note` or `bad`. What is bad stays until it is put away. */
export function toast(message, level = 'note') {
  const element = h(
    'div',
    { class: 'toast', 'data-level': level, role: level === 'bad' ? 'alert' : 'status' },
    h('span', {}, message),
    h(
      'button',
      {
        type: 'button',
        class: 'close',
        'aria-label': text('dialog.close'),
        onclick: () => element.remove(),
      },
      '×',
    ),
  )
  byId('toasts').append(element)
  if (level !== 'bad') setTimeout(() => element.remove(), STAYS_MS)
}
