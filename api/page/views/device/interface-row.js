import { h, mark } from '../../core/dom.js'
import { bits, percent } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { COLUMNS, errorsOf, loadOf } from './interface-list.js'

/** A row of the table of interfaces. `spark(index)` gives its trend. */
export function interfaceRow(app, each, { isChosen, toggle, spark }) {
  const { index, name } = each
  const draw = {
    name: () => nameCell(each),
    state: () => stateCell(app, each),
    speed: () => bits(each.speed_bps),
    in: () => bits(each.in_bps),
    out: () => bits(each.out_bps),
    load: () => loadCell(loadOf(each)),
    errors: () => errorsCell(errorsOf(each)),
    trend: () => spark(index),
    chart: () =>
      h(
        'button',
        {
          type: 'button',
          class: 'button quiet',
          'aria-pressed': String(isChosen),
          onclick: toggle,
        },
        text(isChosen ? 'interfaces.hide' : 'interfaces.chart'),
        h('span', { class: 'hidden' }, ` ${name}`),
      ),
  }
  return h(
    'tr',
    { 'data-index': index, 'data-chosen': isChosen ? '' : null },
    ...COLUMNS.map(({ key, isNumber }) =>
      h('td', { class: `${isNumber ? 'number' : ''} c-if-${key}` }, draw[key]()),
    ),
  )
}

const nameCell = ({ name, alias, uplink }) =>
  h(
    'div',
    { class: 'if-name' },
    h('b', {}, name),
    uplink === null
      ? null
      : h(
          'span',
          { class: 'chip', 'data-kind': 'good' },
          text('interfaces.uplink', { name: uplink }),
        ),
    alias === null || alias === '' ? null : h('small', { class: 'muted' }, alias),
  )

function stateCell(app, { admin, oper, last_change_at: at }) {
  const isOff = admin === 'down'
  const status = isOff ? 'disabled' : oper === 'up' ? 'up' : oper === 'down' ? 'down' : 'unknown'
  const words = isOff ? text('interfaces.off') : (oper ?? text('status.unknown'))
  return h(
    'div',
    { class: 'if-state' },
    h('span', {}, mark(status), ` ${words}`),
    at === null || at === undefined
      ? null
      : h('small', { class: 'muted' }, timeElement(at, app.now())),
  )
}

function loadCell(load) {
  if (load === null) return '–'
  const bar = h('span', {
    class: 'load-bar',
    'aria-hidden': 'true',
    'data-high': load >= 0.7 ? '' : null,
    style: { '--load': `${load * 100}%` },
  })
  return h('span', { class: 'load' }, percent(load), bar)
}

function errorsCell(errors) {
  if (errors === null) return '–'
  const words = errors === 0 ? '0' : errors < 0.01 ? '< 0.01/s' : `${errors.toFixed(2)}/s`
  return h('span', { class: errors > 0 ? 'bad' : 'muted' }, words)
}
