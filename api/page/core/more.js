import { h } from './dom.js'
import { text } from './texts.js'

/**
 * The button under a list that shows more of it by calling `run()`. `show(isMore, next)` shows or hides it: where it was pressed
 * and is gone, the focus goes on to the element `next`, not back to the begin of the page.
 */
export function moreButton(run) {
  const element = h(
    'button',
    { type: 'button', class: 'button', hidden: true, onclick: run },
    text('list.more'),
  )
  return {
    element,
    show(isMore, next) {
      const isIn = document.activeElement === element
      element.hidden = !isMore
      if (isIn && !isMore) next?.focus()
    },
  }
}
