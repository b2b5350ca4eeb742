import { h, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { count, text } from '../../core/texts.js'

/** The branches' lines, apart from their devices: how many are up, and which are not. */

const STATES = ['down', 'unknown', 'admin_down', 'up']
const SHOWN = 8

export function createLinesPanel(app) {
  const numbers = new Map(STATES.map((state) => [state, h('b', {}, '0')]))
  const items = h('ol', { class: 'outage-list' })
  const element = h(
    'section',
    { class: 'lines-panel', 'aria-label': text('wall.lines'), hidden: true },
    h('h2', { class: 'side-head' }, text('wall.lines')),
    h(
      'ul',
      { class: 'line-totals' },
      ...[...numbers].map(([state, number]) =>
        h(
          'li',
          {},
          h('i', { class: 'line-mark', 'data-state': state, 'aria-hidden': 'true' }),
          number,
          text(`line.${state}`),
        ),
      ),
    ),
    items,
  )
  let rows = []
  let key = ''

  function draw(branches) {
    const all = branches.flatMap(({ uplinks }) => uplinks)
    element.hidden = all.length === 0
    for (const [state, number] of numbers) {
      const of = all.filter((line) => line.state === state).length
      setText(number, count(of))
      number.parentElement.hidden = of === 0 && state !== 'up' && state !== 'down'
    }
    const down = all.filter(({ state }) => state === 'down').sort((a, b) => sinceOf(b) - sinceOf(a))
    const next = JSON.stringify(down.map(({ device, name, since }) => [device, name, since]))
    if (next !== key) {
      key = next
      rows = down.slice(0, SHOWN).map(row)
      items.replaceChildren(...rows.map((each) => each.element))
      const more = down.length - rows.length
      if (more > 0) items.append(h('li', { class: 'muted' }, text('wall.more', { count: more })))
    }
    tick()
  }

  function row({ device, branch, name, alias, since }) {
    const time = h('b', { class: 'outage-time' })
    const element = h(
      'li',
      {},
      h(
        'a',
        { href: `/devices/${encodeURIComponent(device)}`, title: alias },
        h('i', { class: 'line-mark', 'data-state': 'down', 'aria-hidden': 'true' }),
        h('span', { class: 'outage-name' }, branch || name),
        time,
        h('span', { class: 'outage-place' }, branch === '' ? '' : name),
      ),
    )
    return { element, time, since }
  }

  function tick() {
    for (const { time, since } of rows) {
      setText(time, since === null ? '' : duration((app.now() - Date.parse(since)) / 1000))
    }
  }

  return { element, draw, tick }
}

const sinceOf = ({ since }) => (since === null ? 0 : Date.parse(since))
