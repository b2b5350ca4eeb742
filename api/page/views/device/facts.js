import { h, mark } from '../../core/dom.js'
import * as format from '../../core/format.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { card } from './card.js'

/** What the inventory and SNMP say of a device. */
export function createFacts(app) {
  const list = h('dl', { class: 'details' })
  let drawn = ''
  return {
    element: card(text('facts.title'), {}, list),
    show(device) {
      const now = JSON.stringify(device)
      if (now === drawn) return
      drawn = now
      list.replaceChildren(
        ...rowsOf(app, device).flatMap(([key, value]) => [
          h('dt', {}, text(`facts.${key}`)),
          h('dd', {}, value),
        ]),
      )
    },
  }
}

function rowsOf(app, device) {
  const kind = [device.type, device.role].filter(Boolean).join(', ')
  const make = [device.vendor, device.model].filter(Boolean).join(' ')
  return [
    ['address', h('span', { class: 'mono' }, device.address)],
    ['id', h('span', { class: 'mono' }, device.id)],
    ['kind', kind],
    ['make', make],
    ['branch', [device.branch, device.region].filter(Boolean).join(', ')],
    [
      'tags',
      device.tags.length === 0
        ? ''
        : h(
            'span',
            { class: 'chips' },
            ...device.tags.map((tag) => h('span', { class: 'chip' }, tag)),
          ),
    ],
    [
      'rtt',
      device.rtt_ms === null
        ? ''
        : `${format.rtt(device.rtt_ms)}, ${text('facts.loss', { loss: format.loss(device.loss_ratio) })}`,
    ],
    ['sample', timeElement(device.last_sample_at, app.now())],
    ['snmp', snmp(app, device.snmp)],
    ['uplinks', device.uplinks.length === 0 ? '' : uplinks(app, device.uplinks)],
    ['origin', text(`facts.origin.${device.origin ?? 'file'}`)],
  ].filter(([, value]) => value !== '')
}

function snmp(app, state) {
  if (state === null) return text('facts.snmp.none')
  const words = text(`facts.snmp.${state.status}`)
  return state.last_sample_at === null
    ? words
    : h('span', {}, words, ', ', timeElement(state.last_sample_at, app.now()))
}

/** An uplink that is switched off is marked as what is: no outage. */
const MARKS = { up: 'up', down: 'down', admin_down: 'admin_down', unknown: 'unknown' }

const uplinks = (app, list) =>
  h(
    'ul',
    { class: 'uplinks-of' },
    ...list.map(({ name, interface: of, alias, state, since }) =>
      h(
        'li',
        { title: [of, alias].filter(Boolean).join(' · ') },
        mark(MARKS[state]),
        h('b', {}, name),
        ` ${text(`line.${state}`)}`,
        since === null ? null : ', ',
        since === null ? null : timeElement(since, app.now()),
      ),
    ),
  )
