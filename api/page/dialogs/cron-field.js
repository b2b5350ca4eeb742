import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { cronOf, readSimple } from './cron.js'
import { weekdays } from '../core/days.js'

/** When something begins again and again: each day, on weekdays, on a day of the month, or as cron says it. */

const WAYS = ['day', 'week', 'month', 'cron']
/** The night to Sunday, when the fewest notice. */
const USUAL = { every: 'week', time: '02:00', weekdays: [0], day: 1 }

/** `given` is a cron expression, or undefined. Gives `{elements, value()}`: an expression, null while it is missing. */
export function cronField(given, changed) {
  const simple = given === undefined ? USUAL : readSimple(given)
  const start = simple ?? { ...USUAL, every: 'cron' }
  const input = (key, attributes) =>
    h('input', { class: 'input', 'aria-label': text(key), oninput: written, ...attributes })
  const cron = input('schedule.cron', {
    class: 'input mono',
    value: given ?? cronOf(start),
    spellcheck: 'false',
    oninput: changed,
  })
  const time = input('schedule.time', { type: 'time', value: start.time })
  const day = input('schedule.day', {
    type: 'number',
    class: 'input short',
    min: '1',
    max: '31',
    value: String(start.day),
  })
  const boxes = weekdays().map(({ day: number, name }) => ({
    name,
    box: h('input', {
      type: 'checkbox',
      value: String(number),
      checked: start.weekdays.includes(number),
      onchange: written,
    }),
  }))
  const days = h(
    'div',
    { class: 'pills', role: 'group', 'aria-label': text('schedule.weekdays') },
    ...boxes.map(({ name, box }) => h('label', { class: 'pill' }, box, h('span', {}, name))),
  )
  const menu = h(
    'select',
    { class: 'input', 'aria-label': text('schedule.every'), onchange: written },
    ...WAYS.map((each) =>
      h('option', { value: each, selected: each === start.every }, text(`schedule.every.${each}`)),
    ),
  )
  const help = h('p', { class: 'muted cron-help' }, text('schedule.cron.help'))
  show()

  const chosenDays = () =>
    boxes.filter(({ box }) => box.checked).map(({ box }) => Number(box.value))

  /** The expression goes with what is said, so that it can be written on from there. */
  function written() {
    const every = menu.value
    const said = {
      every,
      time: time.value || '00:00',
      weekdays: chosenDays(),
      day: Number(day.value),
    }
    if (every !== 'cron') cron.value = cronOf(said)
    show()
    changed()
  }

  function show() {
    const every = menu.value
    days.hidden = every !== 'week'
    day.hidden = every !== 'month'
    time.hidden = every === 'cron'
    cron.hidden = every !== 'cron'
    help.hidden = every !== 'cron'
  }

  return {
    elements: [h('div', { class: 'row' }, menu, day, time, cron), days, help],
    value() {
      const isMissing = menu.value === 'week' && chosenDays().length === 0
      return isMissing ? null : cron.value.trim() || null
    },
  }
}
