import { h } from './dom.js'
import * as format from './format.js'

/** What each state is called; `unknown` is no outage: the device doesn't answer SNMP. */
const WORDS = { up: 'up', down: 'down', admin_down: 'switched off', unknown: 'unknown' }

/** `isp-a up`: the state as a mark and a word; the rest in its title. */
export function uplinkList(uplinks, now) {
  return h('ul', { class: 'uplink-list' }, ...uplinks.map((uplink) => item(uplink, now)))
}

function item({ name, interface: of, alias, state, since }, now) {
  const from = since === null ? null : `since ${format.localTime(since, now)}`
  return h(
    'li',
    { title: [of, alias, from].filter(Boolean).join(', '), 'data-state': state },
    h('span', { class: 'mark', 'data-status': state, 'aria-hidden': 'true' }),
    h('b', {}, name),
    h('span', {}, WORDS[state] ?? state),
  )
}
