import { h } from '../core/dom.js'
import { text } from '../core/texts.js'

/** What would come of it, asked of the API while it is being written: nothing is kept of that. */

const TYPING_MS = 250

/**
 * `ask()` gives a promise of the API's answer, or null while something is missing; `describe(answer)` gives nodes. Gives
 * `{element, changed(), leave()}`.
 */
export function previewOf({ ask, describe }) {
  const element = h('div', { class: 'preview', role: 'status' })
  let turn = 0
  let timer = 0

  async function draw() {
    const mine = ++turn
    const asked = ask()
    if (asked === null)
      return element.replaceChildren(h('span', { class: 'muted' }, text('preview.incomplete')))
    try {
      const answer = await asked
      if (mine === turn) element.replaceChildren(...describe(answer))
    } catch (error) {
      if (mine === turn)
        element.replaceChildren(h('span', { class: 'bad' }, error.detail ?? error.message))
    }
  }

  void draw()
  return {
    element,
    changed() {
      clearTimeout(timer)
      timer = setTimeout(() => void draw(), TYPING_MS)
    },
    leave() {
      turn++
      clearTimeout(timer)
    },
  }
}

const MOST_NAMES = 6

/** What the API says that it is about: how many devices, the first of them, how many alerts that fire now. */
export function touchedText({ affects: { devices, first, alerts } }) {
  const names = first.slice(0, MOST_NAMES).map(({ name }) => name)
  const more = devices - names.length
  return h(
    'p',
    {},
    h('b', {}, text('preview.devices', { count: devices })),
    names.length === 0
      ? null
      : `: ${names.join(', ')}${more > 0 ? ` ${text('preview.more', { count: more })}` : ''}`,
    '. ',
    text('preview.alerts', { count: alerts }),
  )
}
