import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { fromInput, inputValue, timeZone } from '../core/time.js'
import { lastingField } from './lasting.js'
import { recurringFields } from './recurring.js'

/** When a maintenance window is: from now on, once, or again and again. */

const HOUR = 3_600_000
const KINDS = ['now', 'once', 'recurring']
let fields = 0

/** `schedule` as the API gave it fills it in. Gives `{element, value()}`: a schedule, null while something is missing. */
export function scheduleField(app, schedule, changed) {
  const name = `schedule-${++fields}`
  let kind = schedule?.kind ?? 'now'
  const parts = {
    now: nowPart(app, changed),
    once: oncePart(app, schedule?.kind === 'once' ? schedule : null, changed),
    recurring: recurringPart(schedule?.kind === 'recurring' ? schedule : null, changed),
  }
  const kinds = schedule === undefined ? KINDS : KINDS.filter((each) => each !== 'now')
  const element = h(
    'fieldset',
    { class: 'choices' },
    h('legend', {}, text('schedule.title')),
    h(
      'div',
      { class: 'pills' },
      ...kinds.map((each) =>
        h(
          'label',
          { class: 'pill' },
          h('input', {
            type: 'radio',
            name,
            value: each,
            checked: each === kind,
            onchange: () => choose(each),
          }),
          h('span', {}, text(`schedule.${each}`)),
        ),
      ),
    ),
    ...KINDS.map((each) => parts[each].element),
  )
  show()

  function choose(each) {
    kind = each
    show()
    changed()
  }

  function show() {
    for (const each of KINDS) {
      parts[each].element.hidden = each !== kind
      // What isn't seen isn't checked.
      parts[each].element.disabled = each !== kind
    }
  }

  return { element, value: () => parts[kind].value() }
}

/** A part that can be switched off as a whole. */
const part = (...children) => h('fieldset', { class: 'dialog-part' }, ...children)

function recurringPart(schedule, changed) {
  const { elements, value } = recurringFields(schedule, changed)
  return { element: part(...elements), value }
}

function nowPart(app, changed) {
  const lasting = lastingField(app, { title: text('schedule.for'), changed })
  return {
    element: part(lasting.element),
    value() {
      const from = app.now()
      const ends = lasting.endsAt(from)
      return ends === null
        ? null
        : { kind: 'once', starts_at: new Date(from).toISOString(), ends_at: ends }
    },
  }
}

function oncePart(app, schedule, changed) {
  const nextHour = Math.ceil((app.now() + HOUR) / HOUR) * HOUR
  const begins = instant(
    'schedule.begins',
    schedule === null ? nextHour : Date.parse(schedule.starts_at),
    changed,
  )
  const ends = instant(
    'schedule.ends',
    schedule === null ? nextHour + 2 * HOUR : Date.parse(schedule.ends_at),
    changed,
  )
  return {
    element: part(
      h('div', { class: 'row' }, begins.element, ends.element),
      h('small', { class: 'muted' }, text('schedule.zone', { zone: timeZone() })),
    ),
    value() {
      if (begins.value() === null || ends.value() === null) return null
      return { kind: 'once', starts_at: begins.value(), ends_at: ends.value() }
    },
  }
}

function instant(key, ms, changed) {
  const input = h('input', {
    type: 'datetime-local',
    required: true,
    value: inputValue(ms),
    oninput: changed,
  })
  return {
    element: h('label', { class: 'field' }, h('span', {}, text(key)), input),
    value: () => (input.value === '' ? null : fromInput(input.value)),
  }
}
