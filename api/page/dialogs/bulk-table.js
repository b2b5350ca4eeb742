import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { countsOf, rowsOf } from './bulk-file.js'
import { problemParts } from './device-fields.js'

/** What a bulk of devices would come to, line by line. */

const COLUMNS = ['place', 'op', 'device', 'outcome']
/** More rows than this nobody reads; what is wrong comes first. */
const MOST_ROWS = 200
const MOST_CHANGES = 6

/** In a sentence: how many of what, or how many things are wrong. */
export function summaryOf(plan) {
  if (plan.problems.length > 0)
    return h('p', { class: 'problem' }, text('bulk.wrong', { count: plan.problems.length }))
  const counts = Object.entries(countsOf(plan)).filter(([, count]) => count > 0)
  if (counts.length === 0) return h('p', { class: 'muted' }, text('bulk.nothing'))
  const words = counts.map(([key, count]) => text(`bulk.count.${key}`, { count }))
  return h('p', { class: 'bulk-summary' }, h('b', {}, words.join(', ')), ` ${text('bulk.not_yet')}`)
}

export function bulkTable(app, plan) {
  const rows = rowsOf(plan)
  if (rows.length === 0) return []
  const more = rows.length - MOST_ROWS
  return [
    h(
      'div',
      {
        class: 'table-scroll bulk-scroll',
        tabindex: '0',
        role: 'group',
        'aria-label': text('bulk.table'),
      },
      h(
        'table',
        { class: 'table bulk' },
        h('caption', { class: 'hidden' }, text('bulk.table')),
        h(
          'thead',
          {},
          h('tr', {}, ...COLUMNS.map((key) => h('th', { scope: 'col' }, text(`bulk.${key}`)))),
        ),
        h('tbody', {}, ...rows.slice(0, MOST_ROWS).map((row) => rowElement(app, row))),
      ),
    ),
    more > 0 ? h('p', { class: 'muted' }, text('bulk.more', { count: more })) : null,
    ...lookOf(plan.look),
  ].filter((each) => each !== null)
}

function rowElement(app, { index, line, op, id, changes, problems }) {
  const isWrong = problems.length > 0
  const place = line ?? (index === null ? '–' : index + 1)
  return h(
    'tr',
    { 'data-wrong': isWrong ? '' : null },
    h('td', { class: 'number' }, String(place)),
    h('td', { class: 'nowrap' }, isWrong ? text('bulk.op.none') : text(`bulk.op.${op}`)),
    h('td', { class: 'mono' }, id ?? '–'),
    h(
      'td',
      {},
      ...(isWrong
        ? problems.map((problem) => problemElement(app, problem))
        : [h('span', {}, changesText(op, changes))]),
    ),
  )
}

const problemElement = (app, problem) =>
  h(
    'p',
    { class: 'bad' },
    problem.field === null ? null : h('code', {}, `${problem.field}: `),
    ...problemParts(app, problem),
  )

/** `branch Gori → Vake, tags lte`; of a device that is created what it is. */
function changesText(op, changes) {
  const all = Object.entries(changes).filter(([key]) => key !== 'id')
  if (all.length === 0) return op === 'change' ? text('bulk.unchanged') : ''
  const words = all.slice(0, MOST_CHANGES).map(([key, { before, after }]) => {
    const to = valueText(after)
    return op === 'change' ? `${key} ${valueText(before)} → ${to}` : `${key} ${to}`
  })
  const more = all.length - words.length
  return words.join(', ') + (more > 0 ? ` ${text('preview.more', { count: more })}` : '')
}

function valueText(value) {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.map((each) => valueText(each)).join('|') || '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What is allowed, and worth a look. */
function lookOf(look) {
  if (look.length === 0) return []
  const items = look.slice(0, MOST_ROWS).map(({ line, device, message }) => {
    const where = line === null ? (device ?? '') : text('bulk.line', { line })
    return h('li', {}, where === '' ? message : `${where}: ${message}`)
  })
  return [
    h(
      'details',
      { class: 'bulk-look' },
      h('summary', {}, text('bulk.look', { count: look.length })),
      h('ul', {}, ...items),
    ),
  ]
}
