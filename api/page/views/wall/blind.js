import { h, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { text } from '../../core/texts.js'

/** The collectors that have lost their network, at the side of the wall: what they alone measure is not known. */
export function createBlindPanel(app) {
  const items = h('ul', { class: 'outage-list' })
  const element = h(
    'section',
    { class: 'blind-panel', 'aria-label': text('wall.blind'), hidden: true },
    h('h2', { class: 'side-head' }, text('wall.blind')),
    items,
  )
  let rows = []
  let drawn = ''

  function draw() {
    const blind = app.stats?.blind ?? []
    element.hidden = blind.length === 0
    const key = JSON.stringify(blind)
    if (key !== drawn) {
      drawn = key
      rows = blind.map(row)
      items.replaceChildren(...rows.map((each) => each.element))
    }
    tick()
  }

  function row({ collector, since, devices }) {
    const time = h('b', { class: 'outage-time' })
    const href = devices === 0 ? '/collectors' : '/devices?status=unknown'
    const words =
      devices === 0 ? text('wall.blind.spare') : text('wall.blind.unknown', { count: devices })
    const line = h(
      'a',
      { href },
      h('span', { class: 'mark', 'data-status': 'unknown', 'aria-hidden': 'true' }),
      h('span', { class: 'outage-name' }, collector),
      time,
      h('span', { class: 'outage-place' }, words),
    )
    return { element: h('li', {}, line), time, since: Date.parse(since) }
  }

  function tick() {
    for (const { time, since } of rows) setText(time, duration((app.now() - since) / 1000))
  }

  return { element, draw, tick }
}
