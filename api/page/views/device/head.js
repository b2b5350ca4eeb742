import { h, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { localTime, timeElement } from '../../core/time.js'

/** The name of a device, how it is and since when, and what is being done about it. */
export function createHead(app, id) {
  const mark = h('span', { class: 'mark', 'aria-hidden': 'true' })
  const name = h('h1', {}, id)
  const status = h('b', { class: 'status-word' })
  const since = h('span', {})
  const chips = h('span', { class: 'chips' })
  const element = h(
    'div',
    { class: 'device-title' },
    h(
      'p',
      { class: 'crumb' },
      h('a', { href: '/devices' }, text('devices.title')),
      h('span', { class: 'where' }),
    ),
    h('div', { class: 'device-heading' }, mark, name),
    h('p', { class: 'device-state' }, status, since, chips),
  )
  let device = null
  let drawn = ''

  function sinceText() {
    if (device.sinceMs === null) return device.status === 'unknown' ? text('device.no_sample') : ''
    return text('device.for', {
      length: duration((app.now() - device.sinceMs) / 1000),
      time: localTime(device.since, app.now()),
    })
  }

  return {
    element,
    show(next) {
      device = next
      mark.dataset.status = device.status
      element.dataset.status = device.status
      setText(name, device.name)
      setText(status, text(`status.${device.status}`))
      since.title = device.since === null ? '' : `${device.since} (UTC)`
      setText(since, sinceText())
      // Links that are drawn anew lose the focus.
      const { region, branch, address, flapping, maintenance, acknowledged, cause } = device
      const now = JSON.stringify([
        region,
        branch,
        address,
        flapping,
        maintenance,
        acknowledged,
        cause,
      ])
      if (now === drawn) return
      drawn = now
      element.querySelector('.where').replaceChildren(...placeOf(device))
      chips.replaceChildren(...chipsOf(app, device))
    },
    tick() {
      if (device !== null) setText(since, sinceText())
    },
  }
}

function placeOf({ region, branch, address }) {
  const parts = []
  if (region !== null)
    parts.push(h('a', { href: `/devices?region=${encodeURIComponent(region)}` }, region))
  if (branch !== null)
    parts.push(h('a', { href: `/devices?branch=${encodeURIComponent(branch)}` }, branch))
  parts.push(h('span', { class: 'mono' }, address))
  return parts.flatMap((part) => [h('span', { 'aria-hidden': 'true' }, ' › '), part])
}

function chipsOf(app, { flapping, maintenance, acknowledged, cause }) {
  const chips = []
  if (flapping)
    chips.push(h('span', { class: 'chip', 'data-kind': 'warn' }, text('device.flapping')))
  if (maintenance !== null) {
    const until = maintenance.until === null ? null : timeElement(maintenance.until, app.now())
    chips.push(
      h(
        'span',
        { class: 'chip' },
        text('device.maintenance', { name: maintenance.name }),
        until === null ? null : ' ',
        until,
      ),
    )
  }
  if (acknowledged !== null) {
    const title = acknowledged.comment
    chips.push(
      h(
        'span',
        { class: 'chip', 'data-kind': 'good', title },
        text('device.acknowledged', { by: acknowledged.by }),
      ),
    )
  }
  for (const id of cause) {
    const name = app.fleet.devices.get(id)?.name ?? id
    const link = h('a', { href: `/devices/${encodeURIComponent(id)}` }, name)
    chips.push(h('span', { class: 'chip', 'data-kind': 'warn' }, text('device.because'), ' ', link))
  }
  return chips
}
