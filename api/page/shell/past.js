import { h, setAttribute } from '../core/dom.js'
import { duration } from '../core/format.js'
import { text } from '../core/texts.js'
import { fromInput, inputSeconds, setTime } from '../core/time.js'

/** Looking at another time: which one, and a banner that says that what is shown is past. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const AGO = [15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY]
const STEPS = [-HOUR, -5 * MINUTE, 5 * MINUTE, HOUR]

/**
 * `look(at)` is called with an instant in milliseconds, null for now; `again()` asks once more. Gives `{draw(), toggle(),
 * isOpen}`: `toggle` opens the choice of a time, and closes it.
 */
export function createPastBar(app, element, { look, again, toggled }) {
  let isChoosing = false
  const input = h('input', {
    type: 'datetime-local',
    class: 'input',
    step: '1',
    required: true,
    'aria-label': text('past.when'),
  })
  const time = h('time')
  const told = h('p', { class: 'past-told' })
  const problem = h('p', { class: 'past-problem', role: 'alert', hidden: true })
  const form = h(
    'form',
    { class: 'past-form', onsubmit: submitted },
    h('label', { class: 'past-when' }, h('span', {}, text('past.when')), input),
    h('button', { type: 'submit', class: 'button' }, text('past.show')),
  )
  const steps = h(
    'div',
    { class: 'past-steps', role: 'group', 'aria-label': text('past.steps') },
    ...STEPS.map((ms) => {
      const words = `${ms < 0 ? '−' : '+'}${duration(Math.abs(ms) / 1000)}`
      return button(words, () => look(Math.min(app.at + ms, app.clock())), { 'data-step': ms })
    }),
  )
  const presets = h(
    'div',
    { class: 'past-steps', role: 'group', 'aria-label': text('past.presets') },
    ...AGO.map((ms) =>
      button(text('past.ago', { length: duration(ms / 1000) }), () => look(app.clock() - ms)),
    ),
  )
  const back = button(text('past.back'), () => look(null), {}, 'primary')
  const close = button(text('dialog.close'), () => toggle(), {}, 'quiet')
  setAttribute(element, 'aria-label', text('past.label'))
  element.append(told, form, steps, presets, back, close, problem)

  function submitted(event) {
    event.preventDefault()
    const at = Date.parse(fromInput(input.value))
    if (at > app.clock()) {
      say([text('past.bad')])
      input.focus()
    } else look(at)
  }

  function say(parts) {
    problem.replaceChildren(...parts)
    problem.hidden = parts.length === 0
  }

  function toggle() {
    isChoosing = !isChoosing
    draw()
    if (isChoosing) input.focus()
    toggled(isChoosing)
  }

  /** What is looked at may have changed, or there is an answer. */
  function draw() {
    const { at } = app
    const isPast = at !== null
    if (isPast) isChoosing = false
    element.hidden = !isPast && !isChoosing
    element.dataset.kind = isPast ? 'past' : 'choosing'
    for (const part of [told, steps, back]) part.hidden = !isPast
    for (const part of [presets, close]) part.hidden = isPast
    if (element.hidden) return
    input.value = inputSeconds(at ?? app.clock())
    input.max = inputSeconds(app.clock())
    for (const each of steps.children)
      each.disabled = Number(each.dataset.step) > 0 && at >= app.clock()
    say(isPast ? failure() : [])
    if (!isPast) return
    setTime(time, new Date(at).toISOString(), null)
    const [before, after] = text('past.told', { time: '\n' }).split('\n')
    told.replaceChildren(
      h('b', {}, before, time, after),
      ' ',
      h('span', {}, text('past.inventory')),
    )
  }

  function failure() {
    const { error } = app.past
    return error === null
      ? []
      : [error.detail ?? error.message, ' ', button(text('list.again'), again)]
  }

  return {
    draw,
    toggle,
    get isOpen() {
      return isChoosing
    },
  }
}

const button = (words, onclick, attributes = {}, kind = '') =>
  h('button', { type: 'button', class: `button ${kind}`, onclick, ...attributes }, words)
