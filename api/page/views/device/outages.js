import { h } from '../../core/dom.js'
import { duration, percent } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { muted } from './card.js'

/** The outages of a history, the newest first, and what they come to. */

const MOST = 50

export function outageList(app, { outages, start, end, as_of: asOf }) {
  if (outages.length === 0) return muted(text('outages.none'))
  const total = outages.reduce((sum, outage) => sum + secondsWithin(outage, start, asOf), 0)
  const whole = (Date.parse(end) - Date.parse(start)) / 1000
  return h(
    'div',
    {},
    h(
      'p',
      {},
      text('outages.sum', {
        count: outages.length,
        length: duration(total),
        share: percent(Math.max(0, 1 - total / whole), 2),
      }),
    ),
    h('ol', { class: 'outages' }, ...outages.slice(0, MOST).map((outage) => row(app, outage))),
    outages.length > MOST ? muted(text('outages.more', { count: outages.length - MOST })) : null,
  )
}

function row(app, { start, end, duration_seconds: seconds }) {
  const isOpen = end === null
  return h(
    'li',
    { 'data-open': String(isOpen) },
    h(
      'span',
      {},
      timeElement(start, app.now()),
      ' – ',
      isOpen ? text('outages.lasts') : timeElement(end, app.now()),
    ),
    h('b', {}, duration(isOpen ? (app.now() - Date.parse(start)) / 1000 : seconds)),
  )
}

const secondsWithin = ({ start, end }, from, asOf) =>
  Math.max(0, Date.parse(end ?? asOf) - Math.max(Date.parse(start), Date.parse(from))) / 1000
