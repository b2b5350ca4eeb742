import { h, setAttribute } from './dom.js'

/** A virtual list: only the rows in sight exist, so that 10,000 scroll as smoothly as 10. */

const OVERSCAN = 6

/**
 * Columns: `{key, title, sortable, downFirst, draw(cell, item), tick(cell, item)}`; `draw` writes into its cell, which is
 * used for other items later; `tick` (optional) rewrites what counts seconds. Their widths come from the style sheet:
 * `--columns` and `--row` (pixels) of `.vtable`, and `.c-<key>`.
 * Calls `opened(item)` on click and Enter, `sorted(key, downFirst)` from the heads, `drawn(items)` after the rows in sight
 * changed, and `styled(row, item)` for each row that is drawn.
 */
export function createTable(
  root,
  { label, describedBy, columns, keyOf, opened, sorted, drawn: sighted, styled },
) {
  const headings = columns.map((column, index) => heading(column, index))
  const head = h(
    'div',
    { class: 'vhead', role: 'row', 'aria-rowindex': '1', onkeydown: moveInHead },
    ...headings,
  )
  rove(headButtons()[0])
  const body = h('div', { class: 'vrows', role: 'rowgroup' })
  const table = h(
    'div',
    {
      class: 'vtable',
      role: 'grid',
      tabindex: '0',
      'aria-label': label,
      'aria-describedby': describedBy,
      'aria-colcount': columns.length,
    },
    h('div', { role: 'rowgroup', class: 'vheads' }, head),
    body,
  )
  root.append(table)

  const prefix = `row-${++tables}-`
  let list = []
  let active = -1
  let rowHeight = 40
  /** @type {Map<number, object>} */
  let drawn = new Map()
  const spare = []
  let isAsked = false
  let isOver = false

  function heading({ key, title, sortable = true, downFirst }, index) {
    const content = sortable
      ? h(
          'button',
          { type: 'button', tabindex: '-1', onclick: () => sorted(key, downFirst === true) },
          title,
        )
      : h('span', {}, title)
    return h(
      'div',
      { role: 'columnheader', class: `c-${key}`, 'aria-colindex': index + 1 },
      content,
    )
  }

  function headButtons() {
    return [...head.querySelectorAll('button')]
  }

  /** The heads are one stop of Tab: arrows go from one to the other. */
  function rove(button) {
    for (const each of headButtons()) each.tabIndex = each === button ? 0 : -1
  }

  function moveInHead(event) {
    // On a narrow screen some columns aren't shown.
    const buttons = headButtons().filter((each) => each.offsetParent !== null)
    const at = buttons.indexOf(event.target)
    const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }
    const next = buttons[moves[event.key]]
    if (next === undefined) return
    rove(next)
    next.focus()
    event.preventDefault()
  }

  /** Draws in the next frame, however often it is asked for. */
  function draw() {
    if (isAsked || isOver) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      if (!isOver) drawNow()
    })
  }

  function drawNow() {
    const first = Math.max(0, Math.floor(table.scrollTop / rowHeight) - OVERSCAN)
    const seen = Math.ceil((table.clientHeight - head.offsetHeight) / rowHeight)
    const last = Math.min(list.length, first + seen + 2 * OVERSCAN)
    const next = new Map()
    for (const [index, row] of drawn) {
      if (index >= first && index < last) next.set(index, row)
      else spare.push(row)
    }
    for (let index = first; index < last; index++) {
      let row = next.get(index)
      if (row === undefined) {
        row = spare.pop() ?? createRow()
        next.set(index, row)
        row.element.style.transform = `translateY(${index * rowHeight}px)`
      }
      drawRow(row, list[index], index)
    }
    for (const row of spare.splice(40)) row.element.remove()
    for (const row of spare) row.element.hidden = true
    drawn = next
    setAttribute(table, 'aria-activedescendant', drawn.has(active) ? prefix + active : null)
    sighted?.(list.slice(first, last))
  }

  function createRow() {
    const cells = columns.map(({ key }, index) =>
      h('div', { role: 'gridcell', class: `c-${key}`, 'aria-colindex': index + 1 }),
    )
    const element = h('div', { role: 'row', class: 'vrow' }, ...cells)
    const row = { element, cells, item: null, index: -1 }
    element.addEventListener('click', (event) => {
      // A link inside goes its own way, to a new tab too.
      if (event.target.closest('a, button') !== null) return
      active = row.index
      opened(row.item)
      draw()
    })
    body.append(element)
    return row
  }

  function drawRow(row, item, index) {
    const { element, cells } = row
    row.item = item
    row.index = index
    element.hidden = false
    setAttribute(element, 'id', prefix + index)
    setAttribute(element, 'aria-rowindex', String(index + 2))
    setAttribute(element, 'data-active', index === active ? '' : null)
    styled?.(element, item)
    for (const [at, column] of columns.entries()) column.draw(cells[at], item)
  }

  function moveTo(index) {
    if (list.length === 0) return
    active = Math.min(list.length - 1, Math.max(0, index))
    const top = active * rowHeight
    const room = table.clientHeight - head.offsetHeight
    if (top < table.scrollTop) table.scrollTop = top
    if (top + rowHeight > table.scrollTop + room) table.scrollTop = top + rowHeight - room
    draw()
  }

  table.addEventListener('keydown', (event) => {
    if (event.target !== table || event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(table.clientHeight / rowHeight) - 2)
    const moves = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: list.length - 1,
    }
    if (event.key in moves) moveTo(moves[event.key])
    else if (event.key === 'Enter' && list[active] !== undefined) opened(list[active])
    else return
    event.preventDefault()
  })
  table.addEventListener('scroll', draw, { passive: true })
  const observer = new ResizeObserver(() => {
    const height = Number.parseFloat(getComputedStyle(table).getPropertyValue('--row'))
    if (height !== rowHeight && height > 0) {
      rowHeight = height
      for (const { element } of drawn.values()) element.remove()
      drawn = new Map()
      resize()
    }
    draw()
  })
  observer.observe(table)

  function resize() {
    body.style.height = `${list.length * rowHeight}px`
  }

  return {
    element: table,
    /** Shows these items, in this order; the row that was active stays active wherever it went. */
    show(items, sort = '') {
      const key = list[active] === undefined ? undefined : keyOf(list[active])
      list = items
      active = key === undefined ? -1 : list.findIndex((item) => keyOf(item) === key)
      setAttribute(table, 'aria-rowcount', String(list.length + 1))
      for (const [index, { key: name }] of columns.entries()) {
        const isSorted = sort.replace(/^-/, '') === name
        const direction = sort.startsWith('-') ? 'descending' : 'ascending'
        setAttribute(headings[index], 'aria-sort', isSorted ? direction : null)
      }
      resize()
      draw()
    },
    /** A second has passed. */
    tick() {
      for (const { cells, item } of drawn.values()) {
        for (const [at, column] of columns.entries()) column.tick?.(cells[at], item)
      }
    },
    draw,
    toTop() {
      table.scrollTop = 0
    },
    focus: () => table.focus(),
    leave() {
      isOver = true
      observer.disconnect()
    },
  }
}

let tables = 0
