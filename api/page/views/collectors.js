import { h, mark } from '../core/dom.js'
import { bytes as sizeOf } from '../core/format.js'
import { text } from '../core/texts.js'
import { collectorCard } from './collectors/card.js'
import { slowestOf, slowestTable } from './collectors/slowest.js'
import { poll, problemText } from './device/poll.js'

/** wardline about itself: what all depends on, each collector with its lag and what it missed, the slowest devices. */

const EVERY_MS = 5_000
/** From here on `SpoolFilling` tells of a spool. */
const NEARLY_FULL = 0.8

export const view = {
  title: () => text('collectors.title'),
  open(root, app) {
    const parts = h('ul', { class: 'parts', 'aria-label': text('collectors.parts') })
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
    const cards = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
    const slowest = h('div')
    const search = h('input', {
      type: 'search',
      class: 'input',
      'data-search': true,
      placeholder: text('collectors.search'),
      'aria-label': text('collectors.search'),
      value: app.query.get('q') ?? '',
      oninput() {
        app.setQuery({ q: search.value })
        draw()
      },
    })
    let collectors = null
    let drawn = ''

    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('collectors.title')),
        parts,
        h('span', { class: 'spacer' }),
        h('div', { class: 'row', role: 'search', 'aria-label': text('collectors.search') }, search),
      ),
      h('div', { class: 'view-body' }, problem, cards, slowest),
    )
    drawParts()
    const asking = poll((signal) => app.api.get('/api/v1/collectors', { signal }), {
      everyMs: () => EVERY_MS,
      show(found) {
        collectors = found
        problem.hidden = true
        draw()
      },
      failed(error) {
        problem.hidden = false
        problem.textContent = problemText(error)
        if (collectors === null) cards.replaceChildren()
      },
    })

    function draw() {
      if (collectors === null) return
      const word = search.value.trim().toLowerCase()
      const now = JSON.stringify([word, collectors])
      if (now === drawn) return
      drawn = now
      const { list, polls } = fitting(collectors, word)
      cards.replaceChildren(
        list.length === 0
          ? emptiness(collectors.length === 0)
          : h('ul', { class: 'collectors' }, ...list.map((each) => collectorCard(each, app.now()))),
      )
      keepFocus(slowest, () => drawSlowest(polls))
    }

    function drawSlowest(polls) {
      if (collectors.length === 0) return slowest.replaceChildren()
      slowest.replaceChildren(
        h('h2', {}, text('collectors.slowest')),
        h('p', { class: 'muted' }, text('collectors.slowest.note')),
        polls.length === 0
          ? h('p', { class: 'muted' }, text('collectors.slowest.empty'))
          : slowestTable(polls, { hasSeveral: collectors.length > 1 }),
      )
    }

    function drawParts() {
      const components = Object.entries(app.health?.components ?? {})
      parts.replaceChildren(
        ...components.map(([name, component]) => {
          const { status } = component
          const isFine = status === 'ok'
          const words = `${text(`health.${name}`)}: ${text(`health.is.${status}`)}`
          const kind = isFine ? 'good' : 'bad'
          const sign = mark(isFine ? 'up' : 'down')
          const filled = name === 'spool' ? filledSpool(component) : []
          return h('li', { class: 'chip', 'data-kind': kind }, sign, words, ...filled)
        }),
      )
    }

    return {
      update: (what) => what.health && drawParts(),
      leave: () => asking.end(),
    }
  },
}

/** How full the spools are, drawn and in words, while anything waits in them. */
function filledSpool({ bytes, limit_bytes: limit, filled_ratio: filled }) {
  if (!bytes || limit === null || filled === null) return []
  const words = text('collectors.spool', { bytes: sizeOf(bytes), limit: sizeOf(limit) })
  const meter = h('meter', {
    min: 0,
    max: 1,
    high: NEARLY_FULL,
    value: filled,
    'aria-label': words,
  })
  return [meter, words]
}

/** Collectors by name, slow devices by name and branch; a collector stays with what is found of it. */
function fitting(collectors, word) {
  const fits = (...words) => words.some((each) => (each ?? '').toLowerCase().includes(word))
  const polls = slowestOf(collectors).filter(({ name, device, branch, collector }) =>
    fits(name, device, branch, collector),
  )
  const found = new Set(polls.map(({ collector }) => collector))
  return { list: collectors.filter(({ name }) => fits(name) || found.has(name)), polls }
}

const emptiness = (isNone) =>
  h(
    'div',
    { class: 'empty' },
    h('h2', {}, text(isNone ? 'collectors.empty' : 'list.nothing')),
    isNone ? h('p', {}, text('collectors.empty.note')) : null,
  )

/** What is drawn anew each few seconds must not take the focus from a link in it. */
function keepFocus(element, redraw) {
  const href = element.querySelector(':focus')?.getAttribute('href')
  redraw()
  if (href) element.querySelector(`[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true })
}
