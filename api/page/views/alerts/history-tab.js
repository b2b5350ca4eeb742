import { h, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { moreButton } from '../../core/more.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { problemText } from '../device/poll.js'
import { severityChip, toldList } from '../device/told.js'

/** What fired in the last days, the newest first, a page at a time. */

const PAGE = 50
const DAY_MS = 86_400_000

export function createHistoryTab(app, root, filters) {
  const shown = h('p', { class: 'muted', role: 'status' }, text('shell.loading'))
  const list = h('ul', { class: 'alerts-of' })
  const more = moreButton(() => void load(false))
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  root.replaceChildren(shown, problem, list, more.element)
  let turn = 0
  // One list, page by page: what fires meanwhile doesn't move it.
  let to = ''
  void load(true)

  async function load(isNew) {
    const mine = ++turn
    if (isNew) to = new Date(app.now()).toISOString()
    const query = filters.query()
    query.set('from', new Date(Date.parse(to) - filters.days * DAY_MS).toISOString())
    query.set('to', to)
    query.set('limit', String(PAGE))
    query.set('offset', String(isNew ? 0 : list.children.length))
    try {
      const { items, total } = await app.api.list(`/api/v1/alerts/history?${query}`)
      if (mine !== turn) return
      if (isNew) list.replaceChildren()
      const came = items.map((episode) => row(episode))
      list.append(...came)
      problem.hidden = true
      more.show(list.children.length < total, came[0]?.querySelector('summary'))
      setText(
        shown,
        total === 0
          ? text(filters.isNarrow ? 'list.nothing' : 'alerts.none_past')
          : text('alerts.shown', { count: total, shown: list.children.length }),
      )
    } catch (error) {
      if (mine !== turn) return
      setText(shown, '')
      problem.hidden = false
      problem.textContent = problemText(error)
    }
  }

  function row(episode) {
    const {
      alert,
      device,
      device_name: name,
      branch,
      start,
      end,
      duration_seconds: seconds,
      notifications,
    } = episode
    const place = [name ?? device, branch].filter(Boolean).join(', ')
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
          h('span', {}, place),
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
        device === null
          ? null
          : h(
              'p',
              {},
              h(
                'a',
                { href: `/devices/${encodeURIComponent(device)}` },
                text('alerts.to_device', { name: name ?? device }),
              ),
            ),
        toldList(app, notifications),
      ),
    )
  }

  return {
    renew: () => void load(true),
    update() {},
    leave() {
      turn++
    },
  }
}
