import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeZone } from '../core/time.js'
import { cronField } from './cron-field.js'
import { lengthField } from './lasting.js'

const HOUR = 3_600_000

/** A schedule that recurs. Gives `{elements, value()}`, null while something is missing. `schedule` fills it in. */
export function recurringFields(schedule, changed) {
  const begins = cronField(schedule?.cron, changed)
  const length = lengthField({
    title: text('schedule.length'),
    ms: schedule === null ? 2 * HOUR : schedule.duration_seconds * 1000,
    changed,
  })
  const zone = h('input', {
    value: schedule?.time_zone ?? timeZone(),
    required: true,
    spellcheck: 'false',
    oninput: changed,
  })
  // The page has no fields for its bounds: those that it has stay.
  const bounds = Object.fromEntries(
    ['starts_at', 'ends_at'].flatMap((key) => (schedule?.[key] ? [[key, schedule[key]]] : [])),
  )
  return {
    elements: [
      ...begins.elements,
      h(
        'div',
        { class: 'row' },
        length.element,
        h('label', { class: 'field' }, h('span', {}, text('schedule.time_zone')), zone),
      ),
    ],
    value() {
      const cron = begins.value()
      const seconds = length.milliseconds() / 1000
      if (cron === null || !(seconds > 0)) return null
      const time_zone = zone.value.trim()
      return { kind: 'recurring', cron, duration_seconds: seconds, time_zone, ...bounds }
    },
  }
}
