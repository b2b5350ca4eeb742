import { h, mark, setAttribute, setText } from '../core/dom.js'
import { NO_FILTER, isFiltered, readFilters, writeFilters } from '../core/filters.js'
import { STATUSES } from '../core/fleet.js'
import { count } from '../core/texts.js'
import { createTable } from '../core/table.js'
import { openBulk } from '../dialogs/bulk.js'
import { openDeleted } from '../dialogs/deleted.js'
import { openAdd } from '../dialogs/device.js'
import { createColumns } from './devices/columns.js'
import { createMenus } from './devices/menus.js'
import { createSparklines } from './devices/sparklines.js'

/** Every device, the longest outages first. What is shown stands in the address. */

export const view = {
  title: (app) => app.text('devices.title'),
  open(root, app) {
    const { text, fleet } = app
    let filters = readFilters(location.search)

    const sparklines = createSparklines(app, { redraw: () => table.draw() })
    const search = h('input', {
      type: 'search',
      class: 'input search-devices',
      'data-search': true,
      placeholder: text('devices.search'),
      'aria-label': text('devices.search'),
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: ({ target }) => filter({ q: target.value }),
      onkeydown: searched,
    })
    const chips = new Map(STATUSES.map((status) => [status, statusChip(status)]))
    const menus = createMenus({ text, fleet, chosen: filter })
    const clear = h(
      'button',
      { type: 'button', class: 'button quiet', onclick: clearAll },
      text('devices.clear'),
    )
    const shown = h('output', { class: 'shown' })
    const edits = h(
      'div',
      { class: 'devices-edits', hidden: true },
      h(
        'button',
        { type: 'button', class: 'button', onclick: () => openAdd(app) },
        text('add.open'),
      ),
      h(
        'button',
        { type: 'button', class: 'button', onclick: () => openBulk(app) },
        text('bulk.open'),
      ),
      h(
        'button',
        { type: 'button', class: 'button', onclick: () => openDeleted(app) },
        text('deleted.open'),
      ),
    )
    const empty = h('p', { class: 'empty', hidden: true })
    const keys = h('p', { class: 'hidden', id: 'devices-keys' }, text('devices.keys'))
    const place = h('div', { class: 'devices-list' }, empty)
    root.append(
      h(
        'div',
        { class: 'view-head devices-head', role: 'search', 'aria-label': text('devices.filter') },
        h('h1', { class: 'hidden' }, text('devices.title')),
        search,
        h(
          'div',
          { class: 'status-chips', role: 'group', 'aria-label': text('devices.by_status') },
          ...[...chips.values()].map(({ button }) => button),
        ),
        ...menus.elements,
        clear,
        shown,
        edits,
      ),
      keys,
      place,
    )
    const table = createTable(place, {
      label: text('devices.title'),
      describedBy: 'devices-keys',
      columns: createColumns({ now: app.now, sparklines }),
      keyOf: ({ id }) => id,
      opened: ({ id }) => app.navigate(`/devices/${encodeURIComponent(id)}`),
      sorted: sortBy,
      drawn: (devices) => sparklines.sight(devices.map(({ id }) => id)),
      styled: (row, device) => setAttribute(row, 'data-status', device.status),
    })

    function statusChip(status) {
      const number = h('b', {})
      const button = h(
        'button',
        {
          type: 'button',
          class: 'status-chip',
          'data-status': status,
          'aria-pressed': 'false',
          onclick: () => toggle(status),
        },
        mark(status),
        number,
        h('span', {}, text(`status.${status}`)),
      )
      return { button, number }
    }

    function toggle(status) {
      const next = new Set(filters.status)
      if (!next.delete(status)) next.add(status)
      filter({ status: next })
    }

    function sortBy(key, downFirst) {
      const [first, second] = downFirst ? [`-${key}`, key] : [key, `-${key}`]
      filter({ sort: filters.sort === first ? second : first })
    }

    function searched(event) {
      if (event.key === 'Escape') filter({ q: '' })
      else if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
      event.preventDefault()
      table.focus()
    }

    function clearAll() {
      filter(NO_FILTER)
      search.focus()
    }

    function filter(changes) {
      filters = { ...filters, ...changes }
      const query = writeFilters(filters, app.query.get('at'))
      history.replaceState(null, '', location.pathname + query)
      draw()
      table.toTop()
    }

    function draw() {
      if (search.value !== filters.q) search.value = filters.q
      menus.draw(filters)
      edits.hidden = !app.may('admin') || app.at !== null
      clear.hidden = !isFiltered(filters)
      const list = fleet.select(filters)
      table.show(list, filters.sort)
      drawCounts()
      const total = fleet.devices.size
      setText(shown, fleet.isLoaded ? countText(list.length, total) : '')
      empty.hidden = list.length > 0
      if (!empty.hidden) setText(empty, text(emptyText(total)))
    }

    function drawCounts() {
      const counts = fleet.counts()
      for (const [status, { button, number }] of chips) {
        setText(number, fleet.isLoaded ? count(counts[status]) : '–')
        setAttribute(button, 'aria-pressed', String(filters.status.has(status)))
        button.hidden = counts[status] === 0 && status === 'disabled' && !filters.status.has(status)
      }
    }

    const countText = (part, whole) =>
      part === whole
        ? text('devices.count', { count: whole })
        : text('devices.part', { part, whole })

    function emptyText(total) {
      if (!fleet.isLoaded) return 'shell.loading'
      return total === 0 ? 'devices.none' : 'devices.no_match'
    }

    draw()
    return {
      update(what) {
        if (what.fleet) draw()
        // Their order changes with the next change of the fleet: rows don't jump about under the eye every ten seconds.
        else if (what.figures) table.draw()
      },
      tick: () => table.tick(),
      leave() {
        table.leave()
        sparklines.leave()
      },
    }
  },
}
