import { h } from '../core/dom.js'
import { text } from '../core/texts.js'

/** Where views are drawn: one at a time, its module fetched when it is first wanted. */
export function createStage(app, root) {
  let view = null
  let current = null
  let turn = 0
  let pending = null

  async function show(route, { isMoved }) {
    const mine = ++turn
    const found = route === null ? null : await load(route.name)
    // Meanwhile somebody went elsewhere.
    if (mine !== turn) return
    current?.leave?.()
    current = null
    view = found?.view ?? null
    root.replaceChildren()
    root.className = `main view-${route?.name ?? 'none'}`
    if (view === null) drawFailure(found)
    else current = view.open(root, app, route.params) ?? {}
    drawTitle()
    if (!isMoved) return
    scrollTo(0, 0)
    // Whoever reads by ear or keyboard goes on from the new view, not from where the link was.
    if (!root.contains(document.activeElement)) root.focus({ preventScroll: true })
  }

  async function load(name) {
    try {
      return await import(`../views/${name}.js`)
    } catch (error) {
      return { error }
    }
  }

  function drawFailure(found) {
    const [title, words] =
      found === null
        ? [text('shell.nothing_here'), h('a', { href: '/' }, text('shell.to_the_wall'))]
        : [text('shell.not_loaded'), reloadButton(found.error)]
    root.append(h('div', { class: 'empty' }, h('h1', {}, title), h('p', {}, words)))
  }

  function reloadButton(error) {
    const reload = {
      type: 'button',
      class: 'button',
      title: String(error),
      onclick: () => location.reload(),
    }
    return h('button', reload, text('shell.reload'))
  }

  function drawTitle() {
    const { down, unreachable } = app.fleet.counts()
    const lost = down + unreachable
    const title = view?.title(app) ?? ''
    document.title = `${lost === 0 ? '' : `(${lost}) `}${title === '' ? '' : `${title} · `}wardline`
  }

  return {
    show,
    /**
     * Something changed: of `fleet`, `figures`, `stats`, `health`, `alerts`, `decisions`. However much of it, a view is told
     * once a frame.
     */
    update(what) {
      if (what.fleet) drawTitle()
      if (pending !== null) {
        Object.assign(pending, what)
        return
      }
      pending = { ...what }
      requestAnimationFrame(() => {
        const all = pending
        pending = null
        current?.update?.(all)
      })
    },
    /** A second has passed. */
    tick: () => current?.tick?.(),
  }
}
