import { h, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { moreButton } from '../../core/more.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { endAck, openAck } from '../../dialogs/acknowledge.js'
import { openSilence } from '../../dialogs/silence.js'
import { poll, problemText } from '../device/poll.js'
import { heldText, severityChip } from '../device/told.js'

/** The alerts of now, the worst and oldest first. */

const EVERY_MS = 10_000
const PAGE = 300
/** What a person reads a label for; the others are in its columns already. */
const TOLD = new Set([
  'alertname',
  'alertstate',
  'alertgroup',
  'severity',
  'device',
  'name',
  'address',
  'branch',
  'region',
  'type',
  'role',
  'vendor',
  'model',
])

export function createLiveTab(app, root, filters) {
  const shown = h('p', { class: 'muted', role: 'status' })
  const place = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
  const more = moreButton(showMore)
  root.replaceChildren(shown, place, more.element)
  let most = PAGE
  let ages = []
  let drawn = ''

  const asking = poll(
    (signal) => app.api.list(`/api/v1/alerts?${filters.query()}&limit=${most}`, { signal }),
    {
      everyMs: () => EVERY_MS,
      show({ items, total }) {
        setText(shown, countText(items.length, total))
        const now = JSON.stringify([items, app.may('operator')])
        // A table that is drawn anew takes the focus from whoever is in it.
        if (now !== drawn) draw(items)
        drawn = now
        more.show(items.length < total, place.querySelector('.table-scroll'))
      },
      failed(error) {
        drawn = ''
        place.replaceChildren(h('p', { class: 'problem', role: 'alert' }, problemText(error)))
      },
    },
  )

  function showMore() {
    most += PAGE
    asking.now()
  }

  function draw(items) {
    ages = []
    const heads = ['severity', 'alert', 'device', 'place', 'age', 'state', 'actions']
    place.replaceChildren(
      items.length === 0
        ? h(
            'div',
            { class: 'empty' },
            h('h2', {}, text(filters.isNarrow ? 'list.nothing' : 'alerts.none')),
          )
        : h(
            'div',
            {
              class: 'table-scroll',
              tabindex: '0',
              role: 'group',
              'aria-label': text('alerts.tab.now'),
            },
            h(
              'table',
              { class: 'table alert-table' },
              h(
                'thead',
                {},
                h(
                  'tr',
                  {},
                  ...heads.map((key) => h('th', { scope: 'col' }, text(`alerts.column.${key}`))),
                ),
              ),
              h('tbody', {}, ...items.map((alert) => row(alert))),
            ),
          ),
    )
    tick()
  }

  function row(alert) {
    const age = h('b', {})
    if (alert.active_at !== null) ages.push([age, Date.parse(alert.active_at)])
    return h(
      'tr',
      {
        'data-state': alert.state,
        'data-handled': alert.acknowledged === null && alert.held === null ? null : '',
      },
      h('td', {}, severityChip(alert)),
      h('td', {}, h('b', {}, alert.alert), labels(alert)),
      h(
        'td',
        {},
        alert.device === null
          ? '–'
          : h(
              'a',
              { href: `/devices/${encodeURIComponent(alert.device)}` },
              alert.device_name ?? alert.device,
            ),
      ),
      h('td', { class: 'muted' }, [alert.branch, alert.region].filter(Boolean).join(', ')),
      h(
        'td',
        { class: 'nowrap' },
        age,
        alert.active_at === null
          ? null
          : h('div', { class: 'muted' }, timeElement(alert.active_at, app.now())),
      ),
      h('td', {}, ...stateOf(app, alert)),
      h('td', {}, app.may('operator') && alert.state === 'firing' ? actions(alert) : null),
    )
  }

  function actions(alert) {
    const isMine = alert.acknowledged !== null
    const button = (key, run) =>
      h(
        'button',
        {
          type: 'button',
          class: 'button quiet',
          onclick: async () => (await run()) && asking.now(),
        },
        text(key),
        h('span', { class: 'hidden' }, ` ${alert.alert} ${alert.device_name ?? ''}`),
      )
    return h(
      'div',
      { class: 'row-actions' },
      button(isMine ? 'action.unack' : 'action.ack', () =>
        isMine ? endAck(app, alert) : openAck(app, alert),
      ),
      button('action.silence', () => openSilence(app, { matchers: matchersOf(alert) })),
    )
  }

  function tick() {
    for (const [element, since] of ages) setText(element, duration((app.now() - since) / 1000))
  }

  return {
    renew() {
      most = PAGE
      asking.now()
    },
    update(what) {
      if (what.alerts || what.decisions) asking.now()
    },
    tick,
    leave: asking.end,
  }
}

function countText(shown, total) {
  if (total === 0) return ''
  return shown < total
    ? text('alerts.shown', { count: total, shown })
    : text('alerts.count', { count: total })
}

function stateOf(app, { state, acknowledged, held }) {
  const parts = []
  if (state === 'pending') parts.push(h('span', { class: 'chip' }, text('alerts_of.pending')))
  if (acknowledged !== null) {
    const words = text('device.acknowledged', { by: acknowledged.by })
    parts.push(
      h('span', { class: 'chip', 'data-kind': 'good' }, words),
      acknowledged.comment === '' ? '' : h('div', { class: 'muted' }, acknowledged.comment),
    )
  }
  if (held !== null) parts.push(h('div', { class: 'muted' }, heldText(app, held)))
  if (parts.length === 0) parts.push(text('alerts.firing'))
  return parts
}

function labels({ labels: all }) {
  const told = Object.entries(all).filter(([name]) => !TOLD.has(name))
  return told.length === 0
    ? null
    : h('div', { class: 'muted' }, told.map(([name, value]) => `${name}: ${value}`).join(', '))
}

/** Just this alert: its name, its device, and what tells it from others of that device. */
export function matchersOf({ alert, device, labels: all }) {
  const own = ['uplink', 'ifIndex', 'interface', 'instance'].filter(
    (name) => all[name] !== undefined,
  )
  return [
    ['alertname', alert],
    ...(device === null ? [] : [['device', device]]),
    ...own.map((name) => [name, all[name]]),
  ].map(([name, value]) => ({ name, value, is_regex: false, is_equal: true }))
}
