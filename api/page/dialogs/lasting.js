import { h } from '../core/dom.js'
import { duration } from '../core/format.js'
import { text } from '../core/texts.js'
import { fromInput, inputValue, timeZone } from '../core/time.js'

/** For how long: one of a few lengths, or up to an instant. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
export const LENGTHS = [30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 7 * DAY]
const UNTIL = 'until'

let fields = 0

/**
 * `none` is the text of a choice without an end, where there is one. Gives `{element, endsAt()}`: ISO 8601, or null for
 * no end. `chosen` is a length in milliseconds, `null` for no end, or ISO 8601.
 */
export function lastingField(app, { title, none, chosen = 2 * HOUR, changed = () => {} }) {
  const name = `lasting-${++fields}`
  const isInstant = typeof chosen === 'string'
  const first = isInstant ? UNTIL : chosen === null ? 'none' : String(chosen)
  const until = h('input', {
    type: 'datetime-local',
    class: 'input',
    'aria-label': text('lasting.until'),
    value: inputValue(isInstant ? Date.parse(chosen) : app.now() + (chosen ?? HOUR)),
    oninput: changed,
  })
  const place = h('div', { class: 'until' }, until, h('small', { class: 'muted' }, timeZone()))
  const options = [
    ...(none === undefined ? [] : [['none', none]]),
    ...LENGTHS.map((ms) => [String(ms), duration(ms / 1000)]),
    [UNTIL, text('lasting.until')],
  ]
  const element = h(
    'fieldset',
    { class: 'choices lengths' },
    h('legend', {}, title),
    h('div', { class: 'pills' }, ...options.map(([value, words]) => pill(value, words))),
    place,
  )
  place.hidden = first !== UNTIL

  function pill(value, words) {
    return h(
      'label',
      { class: 'pill' },
      h('input', {
        type: 'radio',
        name,
        value,
        checked: value === first,
        onchange: () => {
          place.hidden = value !== UNTIL
          changed()
        },
      }),
      h('span', {}, words),
    )
  }

  const value = () => element.querySelector('input[type=radio]:checked')?.value ?? first

  return {
    element,
    /** `from` is when it begins, in milliseconds. */
    endsAt(from = app.now()) {
      const now = value()
      if (now === 'none') return null
      if (now === UNTIL) return until.value === '' ? null : fromInput(until.value)
      return new Date(from + Number(now)).toISOString()
    },
  }
}

/** A span of time with a unit: `2 hours`. Gives `{element, milliseconds()}`. */
export function lengthField({ title, ms, changed }) {
  const UNITS = { minutes: MINUTE, hours: HOUR, days: DAY }
  const unit = Object.keys(UNITS).findLast((each) => ms % UNITS[each] === 0) ?? 'minutes'
  const number = h('input', {
    type: 'number',
    class: 'input short',
    min: '1',
    step: '1',
    required: true,
    'aria-label': title,
    value: String(Math.max(1, Math.round(ms / UNITS[unit]))),
    oninput: changed,
  })
  const units = h(
    'select',
    { class: 'input', 'aria-label': text('lasting.unit'), onchange: changed },
    ...Object.keys(UNITS).map((each) =>
      h('option', { value: each, selected: each === unit }, text(`lasting.${each}`)),
    ),
  )
  return {
    element: h(
      'div',
      { class: 'field' },
      h('span', {}, title),
      h('div', { class: 'row' }, number, units),
    ),
    milliseconds: () => Number(number.value) * UNITS[units.value],
  }
}
