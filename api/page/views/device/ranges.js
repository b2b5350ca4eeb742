import { h, setAttribute } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { RANGES } from './span.js'

/** The ranges on offer, and the way back from a zoom. */
export function rangeBar(app, span) {
  const buttons = Object.keys(RANGES).map((range) =>
    h(
      'button',
      { type: 'button', 'data-range': range, onclick: () => span.choose(range) },
      text(`range.${range}`),
    ),
  )
  const zoomed = h('p', { class: 'zoomed', role: 'status' })
  const element = h(
    'div',
    {},
    h('div', { class: 'ranges', role: 'group', 'aria-label': text('range.label') }, ...buttons),
    zoomed,
  )

  function draw() {
    const { range, from, to } = span.current
    for (const button of buttons)
      setAttribute(button, 'aria-pressed', String(button.dataset.range === range))
    const time = (ms) => timeElement(new Date(ms).toISOString(), app.now())
    const back = { type: 'button', class: 'button quiet', onclick: () => span.zoom(null) }
    zoomed.replaceChildren(
      ...(range === undefined
        ? [
            time(from),
            ' – ',
            time(to),
            ' ',
            h('button', back, text('range.back', { range: text(`range.${span.usual}`) })),
          ]
        : []),
    )
  }

  span.onChange(draw)
  draw()
  return element
}
