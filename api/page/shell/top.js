import { h, setAttribute, setText } from '../core/dom.js'
import { duration } from '../core/format.js'
import { VIEWS } from '../core/router.js'
import { count, text } from '../core/texts.js'
import { createMenu } from './menu.js'
import { createSearch } from './search.js'

/** A view may have one, or none. */
const SCROLLBAR = 16

/**
 * The head of the page: where one may go, the search, how old the data are, who is signed in. `otherTime()` is called by
 * whoever wants to look at another time.
 */
export function createTop(app, root, { otherTime }) {
  const search = createSearch(app)
  const menu = createMenu(app)
  const firing = h('span', { class: 'badge', hidden: true })
  const age = h('span', {})
  const time = h(
    'button',
    {
      type: 'button',
      class: 'icon-button age',
      title: text('past.open'),
      'aria-expanded': 'false',
      'aria-controls': 'past',
      onclick: otherTime,
    },
    h('span', { class: 'pulse', 'aria-hidden': 'true' }),
    age,
    h('span', { 'aria-hidden': 'true' }, '▾'),
  )
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
    time,
    menu.element,
  )
  root.addEventListener('keydown', ({ key }) => key === 'Escape' && openNav(false))
  addEventListener('resize', fit)
  drawSession()
  drawAge()

  /** The links stand in the head where all of them have room, else in a menu: how long they are is the language's. */
  function fit() {
    for (const width of ['wide', 'tight', 'narrow']) {
      root.dataset.width = width
      const room = list.parentElement.clientWidth - SCROLLBAR
      if (root.scrollWidth <= root.clientWidth && list.offsetWidth <= room) return
    }
  }

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
    fit()
  }

  function drawAge() {
    // Past or not, one can come to look at another time; what is past already says so itself.
    time.disabled = app.at !== null
    setText(age, ageText())
  }

  function ageText() {
    if (app.at !== null) return text('past.is')
    const { stats } = app.current
    if (stats === null) return text('shell.connecting')
    const seconds = (app.clock() - Date.parse(stats.as_of)) / 1000
    const isLive = document.body.dataset.trust === 'ok' && seconds < 3
    return isLive ? text('shell.live') : text('shell.old', { age: duration(seconds) })
  }

  return {
    search,
    drawSession,
    drawAge,
    drawOtherTime: (isOpen) => setAttribute(time, 'aria-expanded', String(isOpen)),
    drawStats() {
      const number = app.current.stats?.alerts.firing ?? 0
      const isAsLong = firing.textContent.length === count(number).length && !firing.hidden
      firing.hidden = number === 0
      setText(firing, count(number))
      setAttribute(firing, 'aria-label', text('shell.firing', { count: number }))
      if (!isAsLong) fit()
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
