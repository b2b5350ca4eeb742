import { h, setText } from '../../core/dom.js'
import { asOf, pauseOf } from '../../core/past.js'
import { text } from '../../core/texts.js'
import { card, muted, problem } from './card.js'
import { COLUMNS, FILTERS, select, sortedBy } from './interface-list.js'
import { interfaceRow } from './interface-row.js'
import { poll, problemText } from './poll.js'
import { createTraffic } from './traffic.js'

/** The interfaces of a device: a table to filter and sort, and the traffic of those that are chosen. */

const EVERY_MS = 30_000
/** More lines than these nobody tells apart. */
const MOST_CHOSEN = 4
const MOST_ROWS = 300

export function createInterfaces(app, id, span) {
  const chosen = new Set(
    (app.query.get('if') ?? '')
      .split(',')
      .filter((word) => /^\d+$/.test(word))
      .map(Number)
      .slice(0, MOST_CHOSEN),
  )
  const traffic = createTraffic(app, id, span)
  const search = h('input', {
    type: 'search',
    class: 'input',
    placeholder: text('interfaces.search'),
    'aria-label': text('interfaces.search'),
    value: app.query.get('ifq') ?? '',
    oninput: filtered,
  })
  const filter = h(
    'select',
    { class: 'input', 'aria-label': text('interfaces.filter'), onchange: filtered },
    ...FILTERS.map((each) =>
      h(
        'option',
        { value: each, selected: each === app.query.get('ifs') },
        text(`interfaces.filter.${each}`),
      ),
    ),
  )
  const shown = h('p', { class: 'muted', role: 'status' })
  const rows = h('tbody')
  const heads = COLUMNS.map((column) =>
    h(
      'th',
      { scope: 'col', class: column.isNumber ? 'number' : '' },
      column.value === undefined
        ? text(`interfaces.${column.key}`)
        : h(
            'button',
            { type: 'button', class: 'sort', onclick: () => sort(column) },
            text(`interfaces.${column.key}`),
          ),
    ),
  )
  const table = h(
    'div',
    { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': text('interfaces.title') },
    h('table', { class: 'table interfaces' }, h('thead', {}, h('tr', {}, ...heads)), rows),
  )
  const place = h('div', {}, muted(text('shell.loading')))
  const element = card(
    text('interfaces.title'),
    { tools: [h('div', { class: 'row' }, search, filter)] },
    place,
    traffic.element,
  )
  let list = []
  let order = { key: '', isDown: false }

  const asking = poll(
    (signal) =>
      app.api.get(asOf(app, `/api/v1/devices/${encodeURIComponent(id)}/interfaces`), { signal }),
    {
      everyMs: () => pauseOf(app, EVERY_MS),
      show(found) {
        list = found
        place.replaceChildren(
          ...(list.length === 0 ? [muted(text('interfaces.none'))] : [shown, table]),
        )
        draw()
      },
      failed: (error) => place.replaceChildren(problem(problemText(error))),
    },
  )

  function draw() {
    const found = sortedBy(select(list, { q: search.value, filter: filter.value }), order)
    setText(shown, text('interfaces.shown', { count: list.length, shown: found.length }))
    const focused = document.activeElement?.closest?.('[data-index]')?.dataset.index
    rows.replaceChildren(
      ...found.slice(0, MOST_ROWS).map((each) =>
        interfaceRow(app, each, {
          isChosen: chosen.has(each.index),
          toggle: () => toggle(each.index),
          spark: traffic.spark,
        }),
      ),
    )
    if (focused !== undefined) rows.querySelector(`[data-index="${focused}"] button`)?.focus()
    for (const [index, { key }] of COLUMNS.entries()) {
      if (order.key !== key) heads[index].removeAttribute('aria-sort')
      else heads[index].setAttribute('aria-sort', order.isDown ? 'descending' : 'ascending')
    }
    traffic.show(list.filter(({ index }) => chosen.has(index)))
  }

  function toggle(index) {
    if (chosen.has(index)) chosen.delete(index)
    else {
      // The one that was chosen first makes room.
      if (chosen.size >= MOST_CHOSEN) chosen.delete(chosen.values().next().value)
      chosen.add(index)
    }
    app.setQuery({ if: [...chosen].join(',') || null })
    draw()
  }

  function filtered() {
    app.setQuery({ ifq: search.value, ifs: filter.value === FILTERS[0] ? null : filter.value })
    draw()
  }

  function sort({ key, isNumber }) {
    order = order.key === key ? { key, isDown: !order.isDown } : { key, isDown: isNumber === true }
    draw()
  }

  return {
    element,
    leave() {
      asking.end()
      traffic.leave()
    },
  }
}
