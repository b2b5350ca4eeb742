import { h } from '../../core/dom.js'
import { count, text } from '../../core/texts.js'
import { seconds } from './card.js'

/** The devices whose last SNMP poll took longest, of all collectors. */

const MOST = 20
/** A poll that needs more of its interval than this will soon miss turns. */
const NEAR = 0.8

/** Those of the collectors, the slowest first, each with its collector's name. */
export const slowestOf = (collectors) =>
  collectors
    .flatMap(({ name, slowest }) => slowest.map((poll) => ({ ...poll, collector: name })))
    .toSorted((one, other) => other.poll_seconds - one.poll_seconds)
    .slice(0, MOST)

export function slowestTable(polls, { hasSeveral }) {
  const columns = ['device', 'branch', 'poll', 'interval', 'mean', 'pdus', 'errors']
  if (hasSeveral) columns.push('collector')
  return h(
    'div',
    { class: 'table-scroll' },
    h(
      'table',
      { class: 'table slowest' },
      h('caption', { class: 'hidden' }, text('collectors.slowest')),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...columns.map((key) =>
            h(
              'th',
              { scope: 'col', class: isNumber(key) ? 'number' : '' },
              text(`collectors.slow.${key}`),
            ),
          ),
        ),
      ),
      h('tbody', {}, ...polls.map((poll) => h('tr', {}, ...columns.map((key) => cell(key, poll))))),
    ),
  )
}

const isNumber = (key) => ['poll', 'interval', 'mean', 'pdus', 'errors'].includes(key)

function cell(key, poll) {
  if (key === 'device')
    return h('td', {}, h('a', { href: `/devices/${encodeURIComponent(poll.device)}` }, poll.name))
  return h('td', { class: isNumber(key) ? 'number' : '' }, VALUES[key](poll))
}

const length = (value) => (value === null ? '–' : seconds(value))
const odd = (words) => h('span', { class: 'chip', 'data-kind': 'warn' }, '⚠ ', words)

const VALUES = {
  branch: ({ branch }) => branch ?? '–',
  poll: ({ poll_seconds: took, interval_seconds: interval }) =>
    interval !== null && took > NEAR * interval ? odd(seconds(took)) : seconds(took),
  interval: ({ interval_seconds: interval }) => length(interval),
  mean: ({ mean_seconds: mean }) => length(mean),
  pdus: ({ pdus }) => (pdus === null ? '–' : count(pdus)),
  errors: ({ errors }) => (errors === null ? '–' : errors === 0 ? '0' : odd(count(errors))),
  collector: ({ collector }) => collector,
}
