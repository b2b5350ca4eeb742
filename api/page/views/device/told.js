import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { resultWord, severityWord } from '../../core/words.js'

/** Words about alerts that the views of a device and of all alerts share. */

const LEVELS = { critical: 'bad', warning: 'warn' }

export const severityChip = ({ severity }) =>
  severity === null
    ? null
    : h('span', { class: 'chip', 'data-kind': LEVELS[severity] ?? '' }, severityWord(severity))

/** Why nobody is told of an alert. */
export function heldText(app, { by, cause }) {
  if (by === 'parent') return parentText(app, cause)
  const known = [
    'silence',
    'maintenance',
    'inhibition',
    'time-interval',
    'acknowledged',
    'flapping',
  ]
  return known.includes(by) ? text(`held.${by}`, { cause }) : text('held.other', { by, cause })
}

/** Whoever sees a part of the fleet isn't told which device is down outside of it. */
const parentText = (app, cause) =>
  cause === ''
    ? text('held.parent_elsewhere')
    : text('held.parent', { cause: app.fleet.devices.get(cause)?.name ?? cause })

/** Who was told, when, and what came of it. */
export function toldList(app, notifications) {
  if (notifications.length === 0) return h('p', { class: 'muted' }, text('told.nobody'))
  return h(
    'ul',
    { class: 'told' },
    ...notifications.map(({ at, receiver, result, reason, seconds }) =>
      h(
        'li',
        { 'data-result': result },
        timeElement(at, app.now()),
        h('b', {}, receiver),
        h('span', {}, resultWord(result)),
        h(
          'span',
          { class: 'muted' },
          [reason, seconds === null ? '' : `${Math.round(seconds * 1000)} ms`]
            .filter(Boolean)
            .join(', '),
        ),
      ),
    ),
  )
}
