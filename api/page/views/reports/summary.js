import { h } from '../../core/dom.js'
import * as format from '../../core/format.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { bar, legend } from './bar.js'

/** All rows together, what time it is about, and the planned work that was left out. */
export function summaryOf(app, { total, windows, from, to, time_zone: zone }) {
  const now = app.now()
  return h(
    'section',
    { class: 'card report-summary', 'aria-label': text('reports.together') },
    h(
      'p',
      { class: 'report-total' },
      h('b', {}, format.percent(total.availability, 3)),
      ` ${text('reports.total', { count: total.devices })}`,
    ),
    bar(total.seconds),
    legend(),
    h('p', { class: 'muted' }, timeElement(from, now), ' – ', timeElement(to, now), ` · ${zone}`),
    windows.length === 0
      ? h('p', { class: 'muted' }, text('reports.windows.none'))
      : windowList(windows, now),
  )
}

const windowList = (windows, now) =>
  h(
    'details',
    {},
    h('summary', {}, text('reports.windows', { count: windows.length })),
    h('ul', {}, ...windows.map((window) => h('li', {}, ...windowWords(window, now)))),
  )

function windowWords({ name, seconds, devices, comment, created_by: by, updated_at: at }, now) {
  const facts = [format.duration(seconds), text('reports.devices', { count: devices }), comment, by]
  return [
    h('a', { href: `/maintenance?${new URLSearchParams({ q: name })}` }, name),
    `: ${facts.filter(Boolean).join(' · ')}`,
    ...(at === null ? [] : [' · ', timeElement(at, now)]),
  ]
}
