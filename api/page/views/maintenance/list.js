import { h } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { readSimple } from '../../dialogs/cron.js'
import { matcherText } from '../../dialogs/matchers.js'
import { openMaintenance, removeWindow } from '../../dialogs/maintenance.js'
import { weekdays } from '../../core/days.js'

/** A maintenance window: what it is for, when it opens, and what may be done with it. */
export function windowCard(app, window, done) {
  const {
    id,
    name,
    matchers,
    schedule,
    comment,
    created_by: by,
    active_until: open,
    next,
    affects,
    from_configuration: isConfigured,
  } = window
  const state = open !== null ? 'active' : next === null ? 'over' : 'pending'
  const button = (key, run) =>
    h(
      'button',
      { type: 'button', class: 'button', onclick: async () => (await run()) && done() },
      text(key),
    )
  const times = [
    ...(open === null
      ? []
      : [text('windows.open_until'), ' ', timeElement(open, app.now()), ' · ']),
    ...(next === null
      ? []
      : [
          text('windows.next'),
          ' ',
          timeElement(next.from, app.now()),
          ' – ',
          timeElement(next.until, app.now()),
          ' · ',
        ]),
  ]
  return h(
    'li',
    { class: 'card window', id: `window-${id}`, 'data-state': state },
    h(
      'div',
      { class: 'card-head' },
      h('h2', {}, name),
      h(
        'span',
        { class: 'chip', 'data-kind': state === 'active' ? 'warn' : '' },
        text(`windows.state.${state}`),
      ),
    ),
    h('p', {}, scheduleText(schedule)),
    h('p', { class: 'muted' }, ...times, text('preview.devices', { count: affects.devices })),
    h(
      'p',
      { class: 'matcher-list' },
      ...matchers.map((matcher) => h('code', {}, matcherText(matcher))),
    ),
    comment === '' ? null : h('p', {}, comment),
    h(
      'p',
      { class: 'muted' },
      isConfigured ? text('windows.configured') : text('silences.by', { by }),
    ),
    app.may('operator') && !isConfigured
      ? h(
          'div',
          { class: 'row' },
          button('silences.edit', () => openMaintenance(app, { window })),
          button('window.remove.do', () => removeWindow(app, window)),
        )
      : null,
  )
}

/** A schedule as a person would say it. */
export function scheduleText(schedule) {
  if (schedule.kind === 'once') return text('windows.once')
  const { cron, duration_seconds: seconds, time_zone: zone } = schedule
  const values = { length: duration(seconds), zone }
  const simple = readSimple(cron)
  if (simple === null) return text('windows.cron', { ...values, cron })
  if (simple.every === 'day') return text('windows.daily', { ...values, time: simple.time })
  if (simple.every === 'month')
    return text('windows.monthly', { ...values, time: simple.time, day: simple.day })
  const days = weekdays()
    .filter(({ day }) => simple.weekdays.includes(day))
    .map(({ name }) => name)
  return text('windows.weekly', { ...values, time: simple.time, days: days.join(', ') })
}
