import { h, mark, setAttribute, setText } from '../../core/dom.js'
import { STATUSES } from '../../core/fleet.js'
import { percent, rtt } from '../../core/format.js'
import { count, text } from '../../core/texts.js'

/** The head of the wall: devices by status, each number a way to its devices, and how the measuring goes. */
export function createTotals(app) {
  const totals = new Map(STATUSES.map((status) => [status, total(status)]))
  const facts = new Map(
    ['branches', 'alerts', 'rtt', 'stored'].map((name) => [name, h('dd', {}, '–')]),
  )
  const element = h(
    'div',
    { class: 'totals' },
    h(
      'nav',
      { class: 'totals-list', 'aria-label': text('wall.totals') },
      ...[...totals.values()].map(({ link }) => link),
    ),
    h(
      'dl',
      { class: 'wall-facts' },
      ...[...facts].map(([name, value]) =>
        h('div', {}, h('dt', {}, text(`wall.fact_${name}`)), value),
      ),
    ),
  )

  function total(status) {
    const number = h('b', {}, '–')
    const link = h(
      'a',
      { class: 'total', 'data-status': status, href: `/devices?status=${status}` },
      number,
      h('span', {}, mark(status), text(`status.${status}`)),
    )
    return { link, number }
  }

  return {
    element,
    draw(branches) {
      const isKnown = app.fleet.isLoaded || app.fleet.told !== null
      const counts = app.fleet.counts()
      for (const [status, { link, number }] of totals) {
        setText(number, isKnown ? count(counts[status]) : '–')
        setAttribute(link, 'data-none', isKnown && counts[status] === 0 ? '' : null)
        link.hidden = status === 'disabled' && counts.disabled === 0
      }
      const affected = branches.filter(({ lost }) => lost > 0).length
      const of = text('wall.of', { part: affected, whole: branches.length })
      setText(facts.get('branches'), isKnown ? of : '–')
      const { stats } = app
      const stored = stats?.samples.stored_ratio ?? null
      setText(facts.get('alerts'), stats === null ? '–' : count(stats.alerts.firing))
      setText(facts.get('rtt'), rtt(stats?.rtt_ms.mean ?? null))
      setText(facts.get('stored'), percent(stored, 2))
      setAttribute(facts.get('stored'), 'data-low', stored !== null && stored < 0.999 ? '' : null)
    },
  }
}
