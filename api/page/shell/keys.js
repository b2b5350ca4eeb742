import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { VIEWS } from '../core/router.js'
import { text } from '../core/texts.js'

/** The page by keyboard. */

/** After `g` the next key names a view, for this long. */
const GO_MS = 1_500

export function listenForKeys(app, { search }) {
  let goUntil = 0

  document.addEventListener('keydown', (event) => {
    const { key, target } = event
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (target.matches('input, select, textarea, [contenteditable]')) return
    if (document.querySelector('dialog[open]') !== null) return
    if (performance.now() < goUntil) {
      goUntil = 0
      const view = VIEWS.find((each) => each.key === key)
      if (view === undefined) return
      app.navigate(view.path)
    } else if (key === 'g') goUntil = performance.now() + GO_MS
    else if (key === '/') focusSearch()
    else if (key === '?') showKeys()
    else return
    event.preventDefault()
  })

  /** A view with a search of its own has it; else it is the one of the head. */
  function focusSearch() {
    const own = document.querySelector('main [data-search]')
    if (own === null) return search()
    own.focus()
    own.select()
  }
}

export function showKeys() {
  const rows = [
    ['/', text('keys.search')],
    ['?', text('keys.help')],
    ...VIEWS.filter(({ key }) => key !== undefined).map(({ key, name }) => [
      `g ${key}`,
      text('keys.go', { view: text(`nav.${name}`) }),
    ]),
    ['↑ ↓', text('keys.move')],
    ['Enter', text('keys.open')],
    ['Esc', text('keys.close')],
  ]
  dialog({
    title: text('keys.title'),
    body: h(
      'dl',
      { class: 'keys' },
      ...rows.flatMap(([keys, what]) => [
        h('dt', {}, ...keys.split(' ').map((key) => h('kbd', {}, key))),
        h('dd', {}, what),
      ]),
    ),
  })
}
