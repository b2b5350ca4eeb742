import { byId, h, setAttribute, setText } from './dom.js'
import * as format from './format.js'

/** The device table: only the rows in sight exist, so that 10,000 devices scroll as smoothly as 10. */

const COLUMNS = [
  { key: 'status', title: 'Status' },
  { key: 'name', title: 'Name' },
  { key: 'address', title: 'Address' },
  { key: 'branch', title: 'Branch' },
  { key: 'region', title: 'Region' },
  { key: 'type', title: 'Type' },
  { key: 'downtime', title: 'Downtime', downFirst: true },
  { key: 'since', title: 'Since', downFirst: true },
  { key: 'rtt', title: 'RTT', downFirst: true },
  { key: 'loss', title: 'Loss', downFirst: true },
]

/** The sorts on offer, for the menu of small screens: `[value, title]`. */
export const SORT_OPTIONS = [
  ['-downtime', 'Longest outage'],
  ['downtime', 'Newest outage'],
  ['status', 'By status'],
  ['name', 'By name'],
  ['branch', 'By branch'],
  ['-rtt', 'Slowest'],
  ['-loss', 'Most loss'],
]

const OVERSCAN = 6

export function createTable({ now, opened, sorted }) {
  const table = byId('table')
  const body = byId('rows')
  const headings = COLUMNS.map((column, index) => heading(column, index))
  byId('head').append(...headings)

  let list = []
  let active = -1
  let openId = null
  let rowHeight = 40
  /** @type {Map<number, object>} */
  let drawn = new Map()
  const spare = []
  let isAsked = false

  function heading({ key, title, downFirst }, index) {
    const button = h(
      'button',
      { type: 'button', tabindex: '-1', onclick: () => sorted(key, downFirst === true) },
      title,
    )
    return h('div', { role: 'columnheader', class: `c-${key}`, 'aria-colindex': index + 1 }, button)
  }

  /** Draws in the next frame, however often it is asked for. */
  function draw() {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      drawNow()
    })
  }

  function drawNow() {
    const headHeight = byId('head').offsetHeight
    const first = Math.max(0, Math.floor(table.scrollTop / rowHeight) - OVERSCAN)
    const seen = Math.ceil((table.clientHeight - headHeight) / rowHeight)
    const last = Math.min(list.length, first + seen + 2 * OVERSCAN)
    const next = new Map()
    for (const [index, row] of drawn) {
      if (index >= first && index < last) next.set(index, row)
      else spare.push(row)
    }
    for (let index = first; index < last; index++) {
      let row = next.get(index)
      if (row === undefined) {
        row = spare.pop() ?? createRow()
        next.set(index, row)
        row.element.style.transform = `translateY(${index * rowHeight}px)`
      }
      drawRow(row, list[index], index)
    }
    for (const row of spare.splice(40)) row.element.remove()
    for (const row of spare) row.element.hidden = true
    drawn = next
    setAttribute(table, 'aria-activedescendant', drawn.has(active) ? `row-${active}` : null)
  }

  function createRow() {
    const cells = Object.fromEntries(
      COLUMNS.map(({ key }, index) => [
        key,
        h('div', { role: 'gridcell', class: `c-${key}`, 'aria-colindex': index + 1 }),
      ]),
    )
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' })
    const word = h('span', {})
    cells.status.append(mark, word)
    const name = h('span', { class: 'name' })
    const badge = h('span', { class: 'badge', hidden: true })
    cells.name.append(name, badge)
    const element = h('div', { role: 'row', class: 'row' }, ...Object.values(cells))
    const row = { element, cells, mark, word, name, badge, device: null, index: -1 }
    element.addEventListener('click', () => {
      active = row.index
      opened(row.device.id)
      draw()
    })
    body.append(element)
    return row
  }

  function drawRow(row, device, index) {
    const { element, cells } = row
    row.device = device
    row.index = index
    element.hidden = false
    setAttribute(element, 'id', `row-${index}`)
    setAttribute(element, 'aria-rowindex', String(index + 2))
    setAttribute(element, 'data-status', device.status)
    setAttribute(element, 'data-active', index === active ? '' : null)
    setAttribute(element, 'aria-selected', String(device.id === openId))
    setAttribute(row.mark, 'data-status', device.status)
    setText(row.word, device.status)
    setText(row.name, device.name)
    setAttribute(cells.name, 'title', device.name)
    const problem = badgeOf(device)
    row.badge.hidden = problem === ''
    setText(row.badge, problem)
    setText(cells.address, device.address)
    setText(cells.branch, device.branch ?? '–')
    setAttribute(cells.branch, 'title', device.branch)
    setText(cells.region, device.region ?? '–')
    setText(cells.type, device.type ?? '–')
    setText(cells.since, format.localTime(device.since, now()))
    setAttribute(cells.since, 'title', device.since === null ? null : `${device.since} (UTC)`)
    setText(cells.rtt, format.rtt(device.rtt_ms))
    setText(cells.loss, format.loss(device.loss_ratio))
    setAttribute(cells.loss, 'data-some', device.loss_ratio > 0 ? '' : null)
    drawDowntime(row)
  }

  function drawDowntime({ device, cells }) {
    const isDown = device.down_since !== null
    setText(cells.downtime, isDown ? format.duration((now() - device.sinceMs) / 1000) : '–')
  }

  function moveTo(index) {
    if (list.length === 0) return
    active = Math.min(list.length - 1, Math.max(0, index))
    const top = active * rowHeight
    const room = table.clientHeight - byId('head').offsetHeight
    if (top < table.scrollTop) table.scrollTop = top
    if (top + rowHeight > table.scrollTop + room) table.scrollTop = top + rowHeight - room
    draw()
  }

  table.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(table.clientHeight / rowHeight) - 2)
    const moves = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: list.length - 1,
    }
    if (event.key in moves) moveTo(moves[event.key])
    else if (event.key === 'Enter' && list[active] !== undefined) opened(list[active].id)
    else return
    event.preventDefault()
  })
  table.addEventListener('scroll', draw, { passive: true })
  new ResizeObserver(() => {
    const height = Number.parseFloat(getComputedStyle(table).getPropertyValue('--row'))
    if (height !== rowHeight && height > 0) {
      rowHeight = height
      for (const { element } of drawn.values()) element.remove()
      drawn = new Map()
      resize()
    }
    draw()
  }).observe(table)

  function resize() {
    body.style.height = `${list.length * rowHeight}px`
  }

  return {
    /** Shows these devices, in this order; the row that was active stays active wherever it went. */
    show(devices, sort) {
      const id = list[active]?.id
      list = devices
      active = id === undefined ? -1 : list.findIndex((device) => device.id === id)
      setAttribute(table, 'aria-rowcount', String(list.length + 1))
      setAttribute(table, 'aria-colcount', String(COLUMNS.length))
      for (const [index, { key }] of COLUMNS.entries()) {
        const isSorted = sort.replace(/^-/, '') === key
        const direction = sort.startsWith('-') ? 'descending' : 'ascending'
        setAttribute(headings[index], 'aria-sort', isSorted ? direction : 'none')
      }
      resize()
      draw()
    },
    /** The device whose panel is open, or null. */
    mark(id) {
      openId = id
      draw()
    },
    /** A second has passed. */
    tick() {
      for (const row of drawn.values()) drawDowntime(row)
    },
    toTop() {
      table.scrollTop = 0
    },
    focus: () => table.focus(),
    draw,
  }
}

/** The one word that matters most about a device beside its status. */
function badgeOf(device) {
  if (device.flapping) return 'flapping'
  const firing = device.problems.filter(
    ({ state, alert }) => state === 'firing' && alert !== 'DeviceDown',
  )
  return firing.length === 0 ? '' : words(firing[0].alert)
}

const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
