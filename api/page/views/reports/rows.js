import { h } from '../../core/dom.js'
import * as format from '../../core/format.js'
import { count, text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { bar } from './bar.js'

/** The rows of a report: a line each, and what is behind it when it is unfolded. */

const COLUMNS = [
  'name',
  'availability',
  'time',
  'down',
  'excluded',
  'unknown',
  'outages',
  'mttr',
  'mtbf',
]
const NUMBERS = ['availability', 'down', 'excluded', 'unknown', 'outages', 'mttr', 'mtbf']
/** More outages than this are read better as CSV. */
const MOST_OUTAGES = 100

let unfolded = 0

/** `by` is what a row is: a device, or a branch or region, of which outages are of all its devices at once. */
export function reportTable(rows, by) {
  const heading = (key) => columnHeading(key, key === 'outages' && by !== 'device')
  return h(
    'div',
    { class: 'table-scroll' },
    h(
      'table',
      { class: 'table report' },
      h('caption', { class: 'hidden' }, text('reports.title')),
      h('thead', {}, h('tr', {}, ...COLUMNS.map(heading))),
      h('tbody', {}, ...rows),
    ),
  )
}

const EXPLAINED = ['mttr', 'mtbf', 'outages_whole']

function columnHeading(key, isWhole) {
  const name = isWhole ? `${key}_whole` : key
  return h(
    'th',
    {
      scope: 'col',
      class: `${NUMBERS.includes(key) ? 'number' : ''} of-${key}`,
      title: EXPLAINED.includes(name) ? text(`reports.means.${name}`) : null,
    },
    text(`reports.column.${name}`),
  )
}

/**
 * Two rows: the second is shown when the first is unfolded, as the keys in `open` are, which it keeps. `asked` is what the
 * report was asked for.
 */
export function rowElements(app, report, row, { asked, open }) {
  const id = `report-row-${++unfolded}`
  const name = row.name === '' ? text('reports.unnamed') : row.name
  const more = h('tr', { id, class: 'unfolded', hidden: true })
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'link unfold',
      'aria-expanded': 'false',
      'aria-controls': id,
      'aria-label': text('reports.unfold', { count: row.outage_count, name }),
      onclick() {
        if (!open.delete(row.key)) open.add(row.key)
        draw()
      },
    },
    count(row.outage_count),
  )
  function draw() {
    const isOpen = open.has(row.key)
    more.hidden = !isOpen
    toggle.setAttribute('aria-expanded', String(isOpen))
    if (isOpen && more.childElementCount === 0) more.append(details(app, report, row, asked))
  }

  draw()
  const line = h(
    'tr',
    { 'data-key': row.key },
    h(
      'th',
      { scope: 'row', class: 'of-name' },
      h('a', { href: linkOf(report.by, row.key) }, name),
      place(report.by, row),
    ),
    h('td', { class: 'number of-availability' }, format.percent(row.availability, 3)),
    h('td', { class: 'of-time' }, bar(row.seconds)),
    ...['down', 'excluded', 'unknown'].map((kind) =>
      h('td', { class: `number of-${kind}` }, lasting(row.seconds[kind] || null)),
    ),
    h('td', { class: 'number of-outages' }, toggle),
    h('td', { class: 'number of-mttr' }, lasting(row.mttr_seconds)),
    h('td', { class: 'number of-mtbf' }, lasting(row.mtbf_seconds)),
  )
  return [line, more]
}

const place = (by, { branch, region }) => {
  const where = by === 'device' ? [branch, region].filter(Boolean).join(', ') : ''
  return where === '' ? null : h('small', {}, where)
}

const linkOf = (by, key) =>
  by === 'device'
    ? `/devices/${encodeURIComponent(key)}`
    : `/devices?${new URLSearchParams({ [by]: key })}`

const lasting = (seconds) => (seconds === null ? '–' : format.duration(seconds))

function details(app, report, row, asked) {
  const outages = row.outages ?? []
  const link = { ...asked, by: 'device', [report.by]: row.key, q: '' }
  const filled = Object.entries(link).filter(([, value]) => value !== '')
  return h(
    'td',
    { colspan: COLUMNS.length },
    figures(row),
    outages.length === 0
      ? h(
          'p',
          { class: 'muted' },
          text(report.by === 'device' ? 'reports.no_outage' : 'reports.never_out'),
        )
      : h(
          'ul',
          { class: 'outages-of' },
          ...outages.slice(0, MOST_OUTAGES).map((outage) => outageItem(app, outage)),
        ),
    outages.length > MOST_OUTAGES
      ? h(
          'p',
          { class: 'muted' },
          text('reports.more_outages', { count: outages.length - MOST_OUTAGES }),
        )
      : null,
    report.by === 'device' || row.key === ''
      ? null
      : h(
          'p',
          {},
          h(
            'a',
            { href: `/reports?${new URLSearchParams(filled)}` },
            text('reports.by_device', { count: row.devices }),
          ),
        ),
  )
}

/** On a phone the columns that have no room are here. */
const figures = ({ seconds, mttr_seconds: mttr, mtbf_seconds: mtbf }) =>
  h(
    'dl',
    { class: 'row-figures' },
    ...Object.entries({
      down: seconds.down,
      excluded: seconds.excluded,
      unknown: seconds.unknown,
      mttr,
      mtbf,
    })
      .filter(([, value]) => value !== null && value > 0)
      .flatMap(([key, value]) => [
        h('dt', {}, text(`reports.column.${key}`)),
        h('dd', {}, format.duration(value)),
      ]),
  )

function outageItem(
  app,
  { start, end, seconds, excluded_seconds: excluded, unknown_seconds: unknown },
) {
  const besides = [
    [excluded, 'reports.outage.excluded'],
    [unknown, 'reports.outage.unknown'],
  ].filter(([value]) => value > 0)
  return h(
    'li',
    {},
    h(
      'span',
      { class: 'nowrap' },
      timeElement(start, app.now()),
      ' – ',
      end === null ? text('reports.lasts') : timeElement(end, app.now()),
    ),
    h('b', {}, format.duration(seconds)),
    ...besides.map(([value, key]) =>
      h('span', { class: 'muted' }, text(key, { length: format.duration(value) })),
    ),
  )
}
