import { h, mark, setAttribute, setText } from '../../core/dom.js'
import { isDown } from '../../core/fleet.js'
import { duration, loss, rtt } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { setTime } from '../../core/time.js'
import { sparkOf } from './sparklines.js'

/** What a row of the list says of its device. Cells are used again for other devices: each draws all that it has. */
export function createColumns({ now, sparklines }) {
  return [
    column('status', {
      make: (cell) => {
        const icon = mark('up')
        const word = h('span', {})
        cell.append(icon, word)
        return { icon, word }
      },
      draw({ icon, word }, { status }) {
        setAttribute(icon, 'data-status', status)
        setText(word, text(`status.${status}`))
      },
    }),
    column('name', {
      make(cell) {
        const link = h('a', { class: 'device-name', tabindex: '-1' })
        const chip = h('span', { class: 'chip', hidden: true })
        cell.append(link, chip)
        return { link, chip }
      },
      draw({ link, chip }, device) {
        setText(link, device.name)
        setAttribute(link, 'href', `/devices/${encodeURIComponent(device.id)}`)
        setAttribute(link, 'title', device.name)
        drawMark(chip, device)
      },
    }),
    plain('address', (device) => device.address),
    plain('branch', (device) => device.branch ?? '–'),
    plain('region', (device) => device.region ?? '–'),
    plain('type', (device) => device.type ?? '–'),
    column('downtime', {
      downFirst: true,
      make: (cell) => cell,
      draw: drawDowntime,
      tick: drawDowntime,
    }),
    column('since', {
      downFirst: true,
      make: (cell) => cell.appendChild(h('time')),
      draw: (element, { since }) => setTime(element, since, now()),
    }),
    column('rtt', {
      downFirst: true,
      make: (cell) => makeFigure(cell, 'rtt_ms'),
      draw: ({ value, spark }, device) => {
        setText(value, rtt(device.rtt_ms))
        sparklines.draw(spark, device.id, 'rtt_ms')
      },
    }),
    column('loss', {
      downFirst: true,
      make: (cell) => makeFigure(cell, 'loss_ratio'),
      draw({ value, spark }, device) {
        setText(value, loss(device.loss_ratio))
        setAttribute(value, 'data-some', device.loss_ratio > 0 ? '' : null)
        sparklines.draw(spark, device.id, 'loss_ratio')
      },
    }),
  ]

  function drawDowntime(cell, device) {
    setText(
      cell,
      isDown(device) && device.sinceMs !== null ? duration((now() - device.sinceMs) / 1000) : '–',
    )
  }
}

const parts = new WeakMap()

function column(key, { make, draw, tick, downFirst }) {
  const partsOf = (cell) => {
    let made = parts.get(cell)
    if (made === undefined) parts.set(cell, (made = make(cell)))
    return made
  }
  return {
    key,
    title: text(`devices.${key}`),
    downFirst,
    draw: (cell, device) => draw(partsOf(cell), device),
    tick: tick && ((cell, device) => tick(partsOf(cell), device)),
  }
}

const plain = (key, read) =>
  column(key, {
    make: (cell) => cell,
    draw(cell, device) {
      setText(cell, read(device))
      setAttribute(cell, 'title', read(device))
    },
  })

function makeFigure(cell, name) {
  const spark = sparkOf(name)
  const value = h('span', { class: 'figure' })
  cell.append(h('span', { class: 'spark', 'aria-hidden': 'true' }, spark.element), value)
  return { spark, value }
}

/** The one thing that matters most about a device beside its status. */
function drawMark(chip, device) {
  const found = markOf(device)
  chip.hidden = found === null
  if (found === null) return
  setText(chip, found.words)
  setAttribute(chip, 'data-kind', found.kind)
  setAttribute(chip, 'title', found.title ?? null)
}

function markOf(device) {
  const { maintenance, acknowledged, flapping, problems } = device
  if (maintenance)
    return { words: text('devices.maintenance'), kind: 'note', title: maintenance.name }
  if (acknowledged) {
    const title = `${acknowledged.by}: ${acknowledged.comment}`
    return { words: text('devices.acknowledged'), kind: 'note', title }
  }
  if (flapping) return { words: text('devices.flapping'), kind: 'warn' }
  const other = problems.find(({ state, alert }) => state === 'firing' && alert !== 'DeviceDown')
  return other === undefined ? null : { words: words(other.alert), kind: 'warn' }
}

const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
