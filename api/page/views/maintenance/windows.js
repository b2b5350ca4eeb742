import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { poll, problemText } from '../device/poll.js'
import { windowCard } from './list.js'

/** The windows of maintenance as a list that words and states narrow. */

const EVERY_MS = 30_000
const STATES = ['current', 'active', 'pending', 'over']
const TYPING_MS = 250

/** `changed()` is called after somebody changed one. Gives `{element, show(), renew(), leave()}`. */
export function createWindows(app, { changed }) {
  let windows = null
  let drawn = ''
  let typing = 0
  const search = h('input', {
    type: 'search',
    class: 'input',
    'data-search': true,
    placeholder: text('windows.search'),
    'aria-label': text('windows.search'),
    value: app.query.get('q') ?? '',
    oninput: () => filtered({ q: search.value }, TYPING_MS),
  })
  const state = h(
    'select',
    {
      class: 'input',
      'aria-label': text('silences.state'),
      onchange: () => filtered(stateQuery()),
    },
    ...STATES.map((each) =>
      h(
        'option',
        { value: each, selected: each === app.query.get('state') },
        text(`windows.state.${each}`),
      ),
    ),
  )
  const list = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
  const element = h(
    'section',
    { 'aria-label': text('windows.title') },
    h(
      'div',
      { class: 'card-head' },
      h('h2', {}, text('windows.title')),
      h(
        'div',
        { class: 'row', role: 'search', 'aria-label': text('windows.search') },
        search,
        state,
      ),
    ),
    list,
  )

  const asking = poll((signal) => app.api.get(`/api/v1/maintenance?${query()}`, { signal }), {
    everyMs: () => EVERY_MS,
    show(found) {
      windows = found
      draw()
    },
    failed(error) {
      drawn = ''
      list.replaceChildren(h('p', { class: 'problem', role: 'alert' }, problemText(error)))
    },
  })

  const stateQuery = () => ({ state: state.value === 'current' ? null : state.value })

  function query() {
    const wanted = new URLSearchParams({
      state: state.value === 'current' ? 'active,pending' : state.value,
    })
    if (search.value !== '') wanted.set('q', search.value)
    return wanted
  }

  function filtered(changes, waitMs = 0) {
    app.setQuery(changes)
    clearTimeout(typing)
    typing = setTimeout(() => asking.now(), waitMs)
  }

  function draw() {
    const now = JSON.stringify([windows, app.may('operator')])
    if (windows === null || now === drawn) return
    drawn = now
    list.replaceChildren(
      windows.length === 0
        ? h(
            'div',
            { class: 'empty' },
            h('h3', {}, text(search.value === '' ? 'windows.none' : 'list.nothing')),
          )
        : h('ul', { class: 'cards' }, ...windows.map((window) => windowCard(app, window, changed))),
    )
  }

  return {
    element,
    /** The session may be another than it was at first. */
    show: draw,
    renew: asking.now,
    leave() {
      clearTimeout(typing)
      asking.end()
    },
  }
}

/** Shows the window that an opening on the calendar is of. */
export function showWindow({ window: id }) {
  const card = document.getElementById(`window-${id}`)
  if (card === null) return
  card.scrollIntoView({ block: 'center' })
  card.tabIndex = -1
  card.focus()
}
