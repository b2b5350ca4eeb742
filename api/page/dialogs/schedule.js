import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { fromInput, inputValue, timeZone } from '../core/time.js'
import { cronOf, readSimple } from './cron.js'
import { lastingField, lengthField } from './lasting.js'
import { weekdays as week } from './weekdays.js'

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

function recurringPart(schedule, changed) {
  const simple =
    schedule === null
      ? { every: 'week', time: '02:00', weekdays: [0], day: 1 }
      : readSimple(schedule.cron)
  const start = simple ?? { every: 'day', time: '02:00', weekdays: [0], day: 1 }
  let every = simple === null ? 'cron' : simple.every
  const cron = h('input', {
    class: 'input mono',
    'aria-label': text('schedule.cron'),
    value: schedule?.cron ?? cronOf(start),
    spellcheck: 'false',
    oninput: changed,
  })
  const time = h('input', {
    type: 'time',
    class: 'input',
    'aria-label': text('schedule.time'),
    value: start.time,
    oninput: simpleChanged,
  })
  const day = h('input', {
    type: 'number',
    class: 'input short',
    min: '1',
    max: '31',
    'aria-label': text('schedule.day'),
    value: String(start.day),
    oninput: simpleChanged,
  })
  const weekdays = week().map(({ day: number, name }) =>
    h(
      'label',
      { class: 'pill' },
      h('input', {
        type: 'checkbox',
        value: String(number),
        checked: start.weekdays.includes(number),
        onchange: simpleChanged,
      }),
      h('span', {}, name),
    ),
  )
  const menu = h(
    'select',
    { class: 'input', 'aria-label': text('schedule.every'), onchange: () => choose(menu.value) },
    ...['day', 'week', 'month', 'cron'].map((each) =>
      h('option', { value: each, selected: each === every }, text(`schedule.every.${each}`)),
    ),
  )
  const days = h(
    'div',
    { class: 'pills', role: 'group', 'aria-label': text('schedule.weekdays') },
    ...weekdays,
  )
  const help = h('p', { class: 'muted cron-help' }, text('schedule.cron.help'))
  const length = lengthField({
    title: text('schedule.length'),
    ms: (schedule?.duration_seconds ?? 7_200) * 1000,
    changed,
  })
  const zone = h('input', {
    value: schedule?.time_zone ?? timeZone(),
    required: true,
    spellcheck: 'false',
    oninput: changed,
  })
  show()

  function choose(each) {
    every = each
    simpleChanged()
    show()
  }

  function simpleChanged() {
    const chosen = weekdays.map((label) => label.firstChild).filter(({ checked }) => checked)
    const said = {
      every,
      time: time.value || '00:00',
      weekdays: chosen.map(({ value }) => Number(value)),
      day: Number(day.value),
    }
    if (every !== 'cron') cron.value = cronOf(said)
    changed()
  }

  function show() {
    days.hidden = every !== 'week'
    day.hidden = every !== 'month'
    time.hidden = every === 'cron'
    cron.hidden = every !== 'cron'
    help.hidden = every !== 'cron'
  }

  return {
    element: part(
      h('div', { class: 'row' }, menu, day, time, cron),
      days,
      help,
      h(
        'div',
        { class: 'row' },
        length.element,
        h('label', { class: 'field' }, h('span', {}, text('schedule.time_zone')), zone),
      ),
    ),
    value() {
      const isMissing =
        cron.value.trim() === '' ||
        (every === 'week' && !weekdays.some((label) => label.firstChild.checked))
      if (isMissing || !(length.milliseconds() > 0)) return null
      return {
        kind: 'recurring',
        cron: cron.value.trim(),
        duration_seconds: length.milliseconds() / 1000,
        time_zone: zone.value.trim(),
        ...(schedule?.starts_at === undefined || schedule.starts_at === null
          ? {}
          : { starts_at: schedule.starts_at }),
        ...(schedule?.ends_at === undefined || schedule.ends_at === null
          ? {}
          : { ends_at: schedule.ends_at }),
      }
    },
  }
}
