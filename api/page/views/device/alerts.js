import { h } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { asOf, pauseOf, writeAt } from '../../core/past.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { endAck, openAck } from '../../dialogs/acknowledge.js'
import { openSilence } from '../../dialogs/silence.js'
import { card, muted, problem } from './card.js'
import { heldText, severityChip, toldList } from './told.js'
import { poll, problemText } from './poll.js'

/** The alerts of a device: those of now, and those of the last month with who was told. */

const EVERY_MS = 15_000
const DAYS = 30
const MOST = 50

export function createAlerts(app, id, { changed }) {
  const now = h('div', {}, muted(text('shell.loading')))
  const past = h('div', {}, muted(text('shell.loading')))
  const element = card(
    text('alerts_of.title'),
    {},
    now,
    h('h3', {}, text('alerts_of.past', { count: DAYS })),
    past,
  )
  const device = encodeURIComponent(id)
  let list = []
  const isActor = () => app.at === null && app.may('operator')
  let mayAct = isActor()

  const asking = poll(
    (signal) => app.api.get(asOf(app, `/api/v1/alerts?device=${device}&state=any`), { signal }),
    {
      everyMs: () => pauseOf(app, EVERY_MS),
      show(alerts) {
        list = alerts
        drawNow()
        changed()
      },
      failed: (error) => now.replaceChildren(problem(problemText(error))),
    },
  )
  const askingPast = poll(
    (signal) => {
      const from = new Date(app.now() - DAYS * 86_400_000).toISOString()
      const to = app.at === null ? '' : `&to=${writeAt(app.at)}`
      const query = `device=${device}&from=${from}${to}&limit=${MOST}`
      return app.api.list(`/api/v1/alerts/history?${query}`, { signal })
    },
    {
      everyMs: () => pauseOf(app, 4 * EVERY_MS),
      show: ({ items, total }) => past.replaceChildren(...pastRows(app, items, total)),
      failed: (error) => past.replaceChildren(problem(problemText(error))),
    },
  )

  function drawNow() {
    now.replaceChildren(
      list.length === 0
        ? muted(text('alerts_of.none'))
        : h('ul', { class: 'alerts-of' }, ...list.map((alert) => row(alert))),
    )
  }

  function row(alert) {
    const { acknowledged, held, active_at: at, state } = alert
    return h(
      'li',
      { 'data-state': state },
      h(
        'div',
        { class: 'alert-what' },
        severityChip(alert),
        h('b', {}, alert.alert),
        at === null ? null : timeElement(at, app.now()),
        state === 'pending' ? muted(text('alerts_of.pending')) : null,
      ),
      acknowledged === null
        ? null
        : h(
            'p',
            { class: 'muted' },
            text('device.acknowledged', { by: acknowledged.by }),
            acknowledged.comment === '' ? '' : `: ${acknowledged.comment}`,
          ),
      held === null ? null : h('p', { class: 'muted' }, heldText(app, held)),
      mayAct && state === 'firing' ? buttons(alert) : null,
    )
  }

  function buttons(alert) {
    const acknowledge = () =>
      alert.acknowledged === null ? openAck(app, alert) : endAck(app, alert)
    const only = [
      { name: 'alertname', value: alert.alert, is_regex: false, is_equal: true },
      { name: 'device', value: id, is_regex: false, is_equal: true },
    ]
    const button = (key, run) =>
      h(
        'button',
        { type: 'button', class: 'button quiet', onclick: async () => (await run()) && renew() },
        text(key),
      )
    return h(
      'div',
      { class: 'row' },
      button(alert.acknowledged === null ? 'action.ack' : 'action.unack', acknowledge),
      button('alerts_of.silence', () => openSilence(app, { matchers: only })),
    )
  }

  function renew() {
    asking.now()
    askingPast.now()
  }

  return {
    element,
    get list() {
      return list
    },
    /** The session may be another than it was at first. */
    show() {
      if (mayAct === isActor()) return
      mayAct = isActor()
      drawNow()
    },
    renew,
    leave() {
      asking.end()
      askingPast.end()
    },
  }
}

function pastRows(app, items, total) {
  if (items.length === 0) return [muted(text('alerts_of.none_past'))]
  return [
    h('ul', { class: 'alerts-of' }, ...items.map((episode) => pastRow(app, episode))),
    ...(total > items.length
      ? [muted(text('alerts_of.more', { count: total - items.length }))]
      : []),
  ]
}

function pastRow(app, episode) {
  const { alert, start, end, duration_seconds: seconds, notifications } = episode
  return h(
    'li',
    {},
    h(
      'details',
      {},
      h(
        'summary',
        {},
        severityChip(episode),
        h('b', {}, alert),
        h(
          'span',
          {},
          timeElement(start, app.now()),
          ' – ',
          end === null ? text('outages.lasts') : timeElement(end, app.now()),
        ),
        h('span', { class: 'muted' }, duration(seconds)),
        h('span', { class: 'muted' }, text('told.count', { count: notifications.length })),
      ),
      toldList(app, notifications),
    ),
  )
}
