import { h, setAttribute, setText } from '../core/dom.js'
import { duration } from '../core/format.js'
import { VIEWS } from '../core/router.js'
import { count, text } from '../core/texts.js'
import { createMenu } from './menu.js'
import { createSearch } from './search.js'

/** The head of the page: where one may go, the search, how old the data are, who is signed in. */
export function createTop(app, root) {
  const search = createSearch(app)
  const menu = createMenu(app)
  const firing = h('span', { class: 'badge', hidden: true })
  const age = h('span', {})
  const links = new Map(
    VIEWS.filter((view) => view.menu !== false).map((view) => [view, link(view)]),
  )
  const list = h('ul', { id: 'nav-list' }, ...[...links.values()].map((each) => h('li', {}, each)))
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'icon-button nav-toggle',
      'aria-label': text('shell.menu'),
      'aria-expanded': 'false',
      'aria-controls': 'nav-list',
      onclick: () => openNav(toggle.getAttribute('aria-expanded') === 'false'),
    },
    h('span', { 'aria-hidden': 'true' }, '☰'),
  )
  root.append(
    toggle,
    h(
      'a',
      { class: 'brand', href: '/' },
      h('img', {
        src: new URL('../icon.svg', import.meta.url).pathname,
        alt: '',
        width: 24,
        height: 24,
      }),
      'wardline',
    ),
    h('nav', { class: 'nav', 'aria-label': text('shell.nav') }, list),
    search.element,
    h('p', { class: 'age' }, h('span', { class: 'pulse', 'aria-hidden': 'true' }), age),
    menu.element,
  )
  root.addEventListener('keydown', ({ key }) => key === 'Escape' && openNav(false))
  drawSession()
  drawAge()

  function link({ name, path }) {
    return h('a', { href: path }, text(`nav.${name}`), name === 'alerts' ? firing : null)
  }

  function openNav(isOpen) {
    setAttribute(toggle, 'aria-expanded', String(isOpen))
    root.toggleAttribute('data-nav', isOpen)
  }

  function drawSession() {
    for (const [{ role }, each] of links) {
      each.parentElement.hidden = role !== undefined && !app.may(role)
    }
    menu.draw()
  }

  function drawAge() {
    const { stats } = app
    const { trust } = document.body.dataset
    const seconds = stats === null ? null : (app.now() - Date.parse(stats.as_of)) / 1000
    const words =
      seconds === null
        ? text('shell.connecting')
        : trust === 'ok' && seconds < 3
          ? text('shell.live')
          : text('shell.old', { age: duration(seconds) })
    setText(age, words)
  }

  return {
    search,
    drawSession,
    drawAge,
    drawStats() {
      const number = app.stats?.alerts.firing ?? 0
      firing.hidden = number === 0
      setText(firing, count(number))
      setAttribute(firing, 'aria-label', text('shell.firing', { count: number }))
    },
    /** The view that one is at. */
    mark(name) {
      openNav(false)
      const at = name === 'device' ? 'devices' : name
      for (const [view, each] of links) {
        setAttribute(each, 'aria-current', view.name === at ? 'page' : null)
      }
    },
  }
}
