import { h, mark } from '../../core/dom.js'
import * as format from '../../core/format.js'
import { count, text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'

/** A collector: how it is, how far behind, and what it missed. */

/** Its state as a mark that everybody knows from devices, and how loud its word is. */
const MARKS = { online: 'up', late: 'down', blind: 'unknown' }
const KINDS = { online: 'good', late: 'bad', blind: 'warn' }
/** A slot that began later than this, or fewer samples than this, is worth a look. */
const LATE_SECONDS = 1
const STORED_RATIO = 0.999

/** `240 ms`, `1.50 s`, `5m`. */
export function seconds(value) {
  if (value >= 60) return format.duration(value)
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`
}

export function collectorCard(collector, now) {
  const { name, status, blind_since: blindSince } = collector
  return h(
    'li',
    { class: 'card collector', 'data-status': status },
    h(
      'div',
      { class: 'card-head' },
      h('h2', {}, mark(MARKS[status]), name),
      h('span', { class: 'chip', 'data-kind': KINDS[status] }, text(`collectors.is.${status}`)),
    ),
    status === 'online'
      ? null
      : h(
          'p',
          { class: 'collector-note' },
          text(`collectors.note.${status}`),
          blindSince === null ? null : ` ${text('collectors.since')} `,
          blindSince === null ? null : timeElement(blindSince, now),
        ),
    h(
      'dl',
      {},
      ...factsOf(collector, now).flatMap(([key, value, isOdd]) => [
        h('dt', {}, text(`collectors.${key}`)),
        h('dd', {}, isOdd ? h('span', { class: 'chip', 'data-kind': 'warn' }, '⚠ ', value) : value),
      ]),
    ),
  )
}

function factsOf(collector, now) {
  const {
    version,
    lag_seconds: lag,
    missed_slots: missed,
    stored_ratio: stored,
    targets,
    share,
    site,
  } = collector
  return [
    ...(site === '' ? [] : [['site', site]]),
    ['targets', targetsText(targets)],
    ...(share === null || share.members < 2
      ? []
      : [['share', text('collectors.share.of', { members: share.members })]]),
    ['lag', lag === null ? '–' : seconds(lag), lag !== null && lag > LATE_SECONDS],
    ['missed', count(missed)],
    ['stored', format.percent(stored, 2), stored !== null && stored < STORED_RATIO],
    ['buffer', format.bytes(collector.buffer_bytes)],
    ['last', timeElement(collector.last_success_at, now)],
    ['version', version ?? '–'],
  ]
}

/** Whoever sees a part of the fleet isn't told how large the rest is. */
const targetsText = ({ ping, snmp }) =>
  ping === null || snmp === null
    ? text('collectors.targets.part')
    : text('collectors.targets.of', { ping, snmp })
