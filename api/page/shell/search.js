import { h, mark, setAttribute } from '../core/dom.js'
import { NO_FILTER } from '../core/filters.js'
import { filterDevices, isDown } from '../core/fleet.js'
import { text } from '../core/texts.js'

/** The search of the head: a device in two keystrokes from anywhere. */

const SHOWN = 8

export function createSearch(app) {
  const list = h('ul', {
    id: 'found',
    class: 'found',
    role: 'listbox',
    'aria-label': text('search.label'),
    hidden: true,
  })
  const input = h('input', {
    type: 'search',
    class: 'search-input',
    placeholder: text('search.placeholder'),
    autocomplete: 'off',
    spellcheck: 'false',
    role: 'combobox',
    'aria-label': text('search.label'),
    'aria-expanded': 'false',
    'aria-controls': 'found',
    'aria-autocomplete': 'list',
    oninput: () => draw(),
    onfocus: () => draw(),
    onblur: () => close(),
    onkeydown: (event) => pressed(event),
  })
  const element = h(
    'div',
    { class: 'search', role: 'search' },
    input,
    h('kbd', { 'aria-hidden': 'true' }, '/'),
    list,
  )
  let active = 0

  function draw() {
    const q = input.value.trim()
    if (q === '') return close()
    const matches = ranked(app.fleet.devices.values(), q)
    const options = matches
      .slice(0, SHOWN)
      .map((device) => option(`/devices/${encodeURIComponent(device.id)}`, row(device)))
    const all = text('search.all', { count: matches.length })
    const none = app.fleet.isLoaded ? text('search.none') : text('shell.loading')
    if (matches.length === 0)
      options.push(h('li', { class: 'none', role: 'option', 'aria-disabled': 'true' }, none))
    else
      options.push(
        option(`/devices?q=${encodeURIComponent(q)}`, [h('span', { class: 'all' }, all)]),
      )
    for (const [index, each] of options.entries()) each.id = `found-${index}`
    list.replaceChildren(...options)
    list.hidden = false
    setAttribute(input, 'aria-expanded', 'true')
    activate(0)
  }

  const row = (device) => [
    mark(device.status),
    h('span', { class: 'hidden' }, text(`status.${device.status}`)),
    h('b', {}, device.name),
    h('span', { class: 'mono' }, device.address),
    h('span', { class: 'muted' }, device.branch ?? ''),
  ]

  function option(href, children) {
    // Before the blur that would close the list.
    const chosen = (event) => {
      event.preventDefault()
      open(href)
    }
    return h('li', { role: 'option', 'data-href': href, onpointerdown: chosen }, ...children)
  }

  function activate(index) {
    active = Math.min(list.children.length - 1, Math.max(0, index))
    for (const [at, each] of [...list.children].entries())
      setAttribute(each, 'aria-selected', String(at === active))
    setAttribute(input, 'aria-activedescendant', `found-${active}`)
  }

  function pressed(event) {
    if (event.key === 'ArrowDown') activate(active + 1)
    else if (event.key === 'ArrowUp') activate(active - 1)
    else if (event.key === 'Enter') open(list.children[active]?.dataset.href)
    else if (event.key === 'Escape') {
      input.value = ''
      input.blur()
    } else return
    event.preventDefault()
  }

  function open(href) {
    if (href === undefined) return
    input.value = ''
    input.blur()
    app.navigate(href)
  }

  function close() {
    list.hidden = true
    setAttribute(input, 'aria-expanded', 'false')
    setAttribute(input, 'aria-activedescendant', null)
  }

  return {
    element,
    focus() {
      input.focus()
      input.select()
    },
  }
}

/** Those whose name, address or id begins with the words come first, then those that are down. */
function ranked(devices, q) {
  const words = q.toLowerCase()
  const found = filterDevices(devices, { ...NO_FILTER, q })
  const rank = ({ name, address, id, ...device }) => {
    const begins = [name, address, id].some((each) => each.toLowerCase().startsWith(words))
    return (begins ? 0 : 2) + (isDown(device) ? 0 : 1)
  }
  return found
    .map((device) => ({ device, rank: rank(device) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ device }) => device)
}
