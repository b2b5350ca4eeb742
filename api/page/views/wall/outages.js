import { h, mark, setText } from '../../core/dom.js'
import { isDown, isHandled } from '../../core/fleet.js'
import { duration } from '../../core/format.js'
import { count, text } from '../../core/texts.js'

/** The outages at the side of the wall: the newest, and the longest. What is only unreachable has its cause elsewhere. */

const NEWEST = 6
const LONGEST = 10
const NEW_MS = 3_600_000

export function createOutages(app) {
  const newest = list(text('wall.newest'))
  const longest = list(text('wall.longest'))
  const element = h('div', { class: 'wall-outages' }, newest.element, longest.element)
  let rows = []

  function draw(devices) {
    const down = devices
      .filter((device) => isDown(device) && device.status === 'down' && device.sinceMs !== null)
      .sort((a, b) => a.sinceMs - b.sinceMs)
    const recent = down
      .filter(({ sinceMs }) => app.now() - sinceMs < NEW_MS)
      .slice(-NEWEST)
      .reverse()
    const old = down.filter((device) => !recent.includes(device)).slice(0, LONGEST)
    rows = [
      ...newest.draw(recent, recent.length),
      ...longest.draw(old, down.length - recent.length),
    ]
    newest.element.hidden = recent.length === 0
    longest.element.hidden = old.length === 0 && recent.length > 0
  }

  function list(title) {
    const number = h('span', { class: 'muted' })
    const items = h('ol', { class: 'outage-list' })
    let drawn = []
    let key = ''
    return {
      element: h(
        'section',
        { 'aria-label': title },
        h('h2', { class: 'side-head' }, title, number),
        items,
      ),
      /** Gives the rows, whose durations count on. */
      draw(devices, total) {
        setText(number, count(total))
        const next = JSON.stringify(
          devices.map((each) => [each.id, each.name, each.since, isHandled(each)]),
        )
        if (next !== key) {
          key = next
          drawn = devices.map(row)
          items.replaceChildren(...drawn.map((each) => each.element))
          if (devices.length === 0)
            items.append(h('li', { class: 'muted' }, text('wall.no_outages')))
        }
        for (const each of drawn) drawTime(each)
        return drawn
      },
    }
  }

  function row(device) {
    const time = h('b', { class: 'outage-time' })
    const state = device.maintenance ? 'maintenance' : device.acknowledged ? 'acknowledged' : null
    const element = h(
      'li',
      {},
      h(
        'a',
        { href: `/devices/${encodeURIComponent(device.id)}` },
        mark(device.status),
        h('span', { class: 'outage-name' }, device.name),
        time,
        h('span', { class: 'outage-place' }, device.branch ?? ''),
        state === null ? null : h('span', { class: 'chip' }, text(`devices.${state}`)),
      ),
    )
    return { element, time, device }
  }

  function drawTime({ time, device }) {
    setText(time, duration((app.now() - device.sinceMs) / 1000))
  }

  return { element, draw, tick: () => rows.forEach(drawTime) }
}
