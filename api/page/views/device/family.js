import { h, mark, s } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { card, muted } from './card.js'

/** What a device is reached through and what is reached through it, drawn as a tree. */

const ROW = 30
const INDENT = 20
const LEFT = 9
const MOST_LEVELS = 3
const MOST_CHILDREN = 25

export function createFamily(app, id) {
  const place = h('div', { class: 'family' })
  const element = card(text('family.title'), {}, place)
  let drawn = ''

  return {
    element,
    show() {
      const { rows, more } = familyOf(app.fleet.devices, id)
      const now = JSON.stringify([
        rows.map(({ id: each, level, device }) => [each, level, device?.status, device?.name]),
        more,
      ])
      if (now === drawn) return
      drawn = now
      place.replaceChildren(
        ...(rows.length === 1 ? [muted(text('family.alone'))] : tree(rows, more, id)),
      )
    },
  }
}

/**
 * Rows from the top down: ancestors by level, the device, its children; `more` are the children that are left out. Pure.
 */
export function familyOf(devices, id) {
  const levels = []
  const seen = new Set([id])
  let current = [id]
  while (levels.length < MOST_LEVELS) {
    const above = [...new Set(current.flatMap((each) => devices.get(each)?.parents ?? []))].filter(
      (each) => !seen.has(each),
    )
    if (above.length === 0) break
    for (const each of above) seen.add(each)
    levels.unshift(above)
    current = above
  }
  const children = [...devices.values()].filter(({ parents }) => parents.includes(id))
  const worst = children.sort(
    (one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1),
  )
  levels.push(
    [id],
    worst.slice(0, MOST_CHILDREN).map((child) => child.id),
  )
  const rows = levels.flatMap((ids, level) =>
    ids.map((each) => ({ id: each, level, device: devices.get(each) })),
  )
  return { rows, more: Math.max(0, children.length - MOST_CHILDREN) }
}

const ORDER = ['down', 'unreachable', 'unknown', 'up', 'disabled']
const rank = ({ status }) => ORDER.indexOf(status)

function tree(rows, more, id) {
  return [
    s(
      'svg',
      { class: 'family-lines', width: '100%', height: rows.length * ROW, 'aria-hidden': 'true' },
      ...lines(rows),
    ),
    h('ul', {}, ...rows.map((row) => line(row, id))),
    ...(more > 0 ? [muted(text('family.more', { count: more }))] : []),
  ]
}

/** From each level a trunk goes down, and a branch to each row of the next. */
function lines(rows) {
  const middle = (index) => index * ROW + ROW / 2
  const x = (level) => LEFT + level * INDENT
  return rows.flatMap(({ level }, index) => {
    if (level === 0) return []
    const first = rows.findIndex((row) => row.level === level - 1)
    const d = `M${x(level - 1)} ${middle(first) + 8}V${middle(index) - 6}q0 6 6 6H${x(level) - 4}`
    return [s('path', { d })]
  })
}

function line({ id, level, device }, own) {
  const status = device?.status ?? 'unknown'
  const name = device?.name ?? id
  return h(
    'li',
    {
      style: { 'padding-left': `${LEFT + level * INDENT - 5}px` },
      'data-own': id === own ? '' : null,
    },
    mark(status),
    id === own ? h('b', {}, name) : h('a', { href: `/devices/${encodeURIComponent(id)}` }, name),
    h(
      'span',
      { class: 'muted' },
      device === undefined ? text('family.absent') : text(`status.${status}`),
    ),
  )
}
